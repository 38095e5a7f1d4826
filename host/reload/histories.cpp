// SPDX-License-Identifier: Apache-2.0
#include "reload/histories.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/utf8.hpp"

namespace scanhost::reload {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using runner::generation_change;

constexpr auto history_file = "history.json";
constexpr auto new_beginning = "and the histories of the scanners begin anew";

ordered_json json_of_change(const generation_change& change) {
  return {{"generation", change.generation}, {"sha256", change.sha256},
          {"version", change.version},       {"at_ms", change.at.time_since_epoch().count()},
          {"outcome", change.outcome},       {"reason", change.reason}};
}

// Whoever wrote the file by hand must not disturb terminals. JSON that was parsed is UTF-8.
std::string line_of(const ordered_json& object, const char* key) {
  const auto& text = object.at(key).get_ref<const std::string&>();
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const auto character = std::string_view(text).substr(at, base::utf8_character(text.c_str() + at));
    line += base::disturbs_a_line(character) ? std::string_view(" ") : character;
    at += character.size();
  }
  return line;
}

generation_change change_of(const ordered_json& object) {
  return {object.at("generation").get<std::uint64_t>(),
          line_of(object, "sha256"),
          line_of(object, "version"),
          base::timestamp(base::milliseconds(object.at("at_ms").get<std::int64_t>())),
          line_of(object, "outcome"),
          line_of(object, "reason")};
}

}  // namespace

histories::histories(fs::path place, const fs::path& config_file,
                     std::function<void(const std::string&)> warn)
    : document_(std::move(place), history_file, config_file, new_beginning, std::move(warn)) {}

histories::changes histories::find(const std::string& scanner) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_scanner_.find(scanner);
  return found == by_scanner_.end() ? changes() : found->second;
}

bool histories::take(const std::vector<runner::scanner_status>& scanners) {
  const std::lock_guard lock(mutex_);
  bool is_news = false;
  for (const auto& status : scanners) {
    if (status.history.empty()) continue;
    auto& known = by_scanner_[status.name];
    if (known == status.history) continue;
    known = status.history;
    is_news = true;
  }
  if (!is_news) return false;
  ++taken_;
  drop_oldest();
  return true;
}

void histories::drop_oldest() {
  while (by_scanner_.size() > max_kept)
    by_scanner_.erase(
        std::ranges::min_element(by_scanner_, {}, [](const auto& entry) { return entry.second.back().at; }));
}

bool histories::unsaved() const {
  const std::lock_guard lock(mutex_);
  return taken_ != saved_;
}

base::result<void> histories::load() {
  return document_.load([this](const ordered_json& part) {
    std::map<std::string, changes> found;
    for (const auto& [scanner, kept] : part.items()) {
      changes history;
      for (const auto& change : kept) history.push_back(change_of(change));
      if (!history.empty()) found.emplace(scanner, std::move(history));
    }
    const std::lock_guard lock(mutex_);
    by_scanner_ = std::move(found);
    drop_oldest();
  });
}

base::result<void> histories::save() {
  std::unique_lock lock(mutex_);
  const auto snapshot = by_scanner_;
  const auto taken = taken_;
  lock.unlock();
  auto part = ordered_json::object();
  for (const auto& [scanner, history] : snapshot) {
    auto& kept = part[scanner] = ordered_json::array();
    for (const auto& change : history) kept.push_back(json_of_change(change));
  }
  if (auto saved = document_.save(part); !saved) return saved;
  lock.lock();
  saved_ = taken;
  return {};
}

}  // namespace scanhost::reload
