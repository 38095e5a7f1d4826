// SPDX-License-Identifier: Apache-2.0
#include "reload/state_document.hpp"

#include <fmt/format.h>
#include <sys/file.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "base/random_text.hpp"
#include "plugin/staging.hpp"
#include "reload/state_file.hpp"

namespace scanhost::reload {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

struct state_document::content {
  ordered_json by_config_file = ordered_json::object();
};

state_document::state_document(fs::path place, std::string_view name, const fs::path& config_file,
                               std::string consequence, std::function<void(const std::string&)> warn)
    : place_(std::move(place)),
      file_(place_ / name),
      config_file_(fs::absolute(config_file).string()),
      consequence_(std::move(consequence)),
      warn_(std::move(warn)) {}

base::result<void> state_document::move_aside(std::string_view problem) const {
  auto aside = file_;
  aside += ".bad-" + base::random_text();
  if (::rename(file_.c_str(), aside.c_str()) != 0) return state_error(file_, "cannot be moved aside");
  warn_(fmt::format("{}: cannot be parsed: {}; it was renamed to {}, {}", file_.string(), problem,
                    aside.string(), consequence_));
  return {};
}

// The caller holds the lock of the place. What other hosts wrote is passed over unread.
base::result<state_document::content> state_document::read() const {
  const auto text = read_state(file_);
  if (!text) return text.error();
  if (!*text) return content{};
  std::string problem = "expected an object";
  try {
    content found{ordered_json::parse(**text)};
    if (found.by_config_file.is_object()) return found;
  } catch (const ordered_json::exception& failure) {
    problem = failure.what();
  }
  if (auto moved = move_aside(problem); !moved) return moved.error();
  return content{};
}

base::result<void> state_document::load(const std::function<void(const ordered_json&)>& take) const {
  const auto lock = plugin::lock_file(place_ / plugin::staging_lock_name, LOCK_EX);
  if (!lock) return lock.error();
  const auto kept = read();
  if (!kept) return kept.error();
  const auto own = kept->by_config_file.find(config_file_);
  if (own == kept->by_config_file.end()) return {};
  try {
    take(*own);
  } catch (const ordered_json::exception& failure) {
    return move_aside(failure.what());
  }
  return {};
}

base::result<void> state_document::save(const ordered_json& part) const {
  const auto lock = plugin::lock_file(place_ / plugin::staging_lock_name, LOCK_EX);
  if (!lock) return lock.error();
  auto kept = read();
  if (!kept) return kept.error();
  kept->by_config_file.erase(config_file_);
  if (!part.empty()) kept->by_config_file[config_file_] = part;
  return replace_state(file_, base::json_pretty(kept->by_config_file));
}

}  // namespace scanhost::reload
