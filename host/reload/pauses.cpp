// SPDX-License-Identifier: Apache-2.0
#include "reload/pauses.hpp"

#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "base/random_text.hpp"
#include "base/utf8.hpp"
#include "config/quantity.hpp"
#include "plugin/staging.hpp"
#include "reload/state_file.hpp"

namespace scanhost::reload {

struct pauses::document {
  nlohmann::ordered_json by_config_file = nlohmann::ordered_json::object();
};

namespace {

namespace fs = std::filesystem;
using base::errc;
using base::fail;
using nlohmann::ordered_json;
using runner::pause_details;

constexpr auto pauses_file = "pauses.json";
constexpr std::size_t max_reason = 200;  // bytes
constexpr base::milliseconds min_span = std::chrono::seconds(1);
constexpr base::milliseconds max_span = std::chrono::days(365);

// --- the rules

// Control characters, line separators, and what turns the direction of writing.
bool disturbs_a_line(std::string_view character) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(character[at]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f;
  if (character.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;
  if (character.size() != 3 || byte(0) != 0xe2) return false;
  return (byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae) ||
         (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9);
}

bool is_one_line(std::string_view text) {
  while (!text.empty()) {
    const auto size = base::utf8_character(text);
    if (size == 0 || disturbs_a_line(text.substr(0, size))) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

base::result<std::string> check_reason(std::string_view text) {
  auto reason = trimmed(text);
  if (reason.empty()) return fail(errc::usage, "reason: is empty; say why, or leave it out");
  if (reason.size() > max_reason)
    return fail(errc::usage,
                fmt::format("reason: has {} bytes; at most {} are possible", reason.size(), max_reason));
  if (!is_one_line(reason))
    return fail(errc::usage, "reason: must be one line of UTF-8 text without control characters");
  return reason;
}

base::result<base::milliseconds> check_span(std::string_view text) {
  const auto parsed = config::parse_duration(text);
  if (!parsed) return fail(errc::usage, "for: " + parsed.error());
  const base::milliseconds span(*parsed);
  if (span < min_span || span > max_span)
    return fail(errc::usage,
                fmt::format("for: must be from {} to {}, not {}", config::format_duration(min_span),
                            config::format_duration(max_span), config::format_duration(span)));
  return span;
}

// --- the file

ordered_json json_of_pause(const pause_details& pause) {
  ordered_json object{
      {"by", pause.by}, {"reason", pause.reason}, {"at_ms", pause.at.time_since_epoch().count()}};
  object["until_ms"] = pause.until ? ordered_json(pause.until->time_since_epoch().count()) : ordered_json();
  return object;
}

base::timestamp timestamp_of(const ordered_json& ms) {
  return base::timestamp(base::milliseconds(ms.get<std::int64_t>()));
}

pause_details pause_of(const ordered_json& object) {
  pause_details pause{object.at("by").get<std::string>(), object.at("reason").get<std::string>(),
                      timestamp_of(object.at("at_ms")), std::nullopt};
  if (const auto& until = object.at("until_ms"); !until.is_null()) pause.until = timestamp_of(until);
  // Whoever wrote the file by hand must not disturb terminals either.
  if (!is_one_line(pause.by)) pause.by.clear();
  if (!is_one_line(pause.reason) || pause.reason.size() > max_reason) pause.reason.clear();
  return pause;
}

}  // namespace

base::result<pause_details> check_pause(const pause_request& request, base::timestamp now) {
  pause_details pause{request.by, {}, now, std::nullopt};
  if (request.reason) {
    auto reason = check_reason(*request.reason);
    if (!reason) return reason.error();
    pause.reason = std::move(*reason);
  }
  if (request.span) {
    const auto span = check_span(*request.span);
    if (!span) return span.error();
    pause.until = now + *span;
  }
  return pause;
}

std::vector<std::string> pause_notes(const pause_entries& pauses, const std::set<std::string>& before,
                                     const std::set<std::string>& after) {
  std::vector<std::string> notes;
  for (const auto& [scanner, pause] : pauses) {
    if (!after.contains(scanner))
      notes.push_back(fmt::format(
          "{0} is not in the configuration or not enabled; it will start paused if it comes back (scanhost ctl resume {0} ends that): {1}",
          scanner, to_text(pause)));
    else if (!before.contains(scanner))
      notes.push_back(fmt::format("{} starts {}", scanner, to_text(pause)));
  }
  return notes;
}

pauses::pauses(fs::path place, const fs::path& config_file, std::function<void(const std::string&)> warn)
    : place_(std::move(place)), config_file_(fs::absolute(config_file).string()), warn_(std::move(warn)) {}

void pauses::set(const std::string& scanner, pause_details pause) {
  const std::lock_guard lock(mutex_);
  entries_[scanner] = std::move(pause);
  ++changes_;
}

bool pauses::end(const std::string& scanner) {
  const std::lock_guard lock(mutex_);
  if (entries_.erase(scanner) == 0) return false;
  ++changes_;
  return true;
}

pause_entries pauses::end_those_over(base::timestamp now) {
  const std::lock_guard lock(mutex_);
  pause_entries over;
  std::erase_if(entries_, [&](const auto& entry) {
    const bool is_over = entry.second.until && *entry.second.until <= now;
    if (is_over) over.insert(entry);
    return is_over;
  });
  changes_ += over.size();
  return over;
}

pause_entries pauses::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

void pauses::visit(const std::string& scanner, const std::function<void(const pause_details*)>& apply) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(scanner);
  apply(found == entries_.end() ? nullptr : &found->second);
}

bool pauses::unsaved() const {
  const std::lock_guard lock(mutex_);
  return changes_ != saved_changes_;
}

base::result<void> pauses::move_aside(std::string_view problem) const {
  const auto file = place_ / pauses_file;
  const auto aside = place_ / fmt::format("{}.bad-{}", pauses_file, base::random_text());
  if (::rename(file.c_str(), aside.c_str()) != 0) return state_error(file, "cannot be moved aside");
  warn_(fmt::format(
      "{}: cannot be parsed: {}; it was renamed to {}, and what it said is paused no longer is; look into it and pause again what must not run",
      file.string(), problem, aside.string()));
  return {};
}

// The caller holds the lock of the place. What other hosts wrote is passed over unread.
base::result<pauses::document> pauses::read_document() const {
  const auto text = read_state(place_ / pauses_file);
  if (!text) return text.error();
  if (!*text) return document{};
  std::string problem = "expected an object";
  try {
    document found;
    found.by_config_file = ordered_json::parse(**text);
    if (found.by_config_file.is_object()) return found;
  } catch (const ordered_json::exception& failure) {
    problem = failure.what();
  }
  if (auto moved = move_aside(problem); !moved) return moved.error();
  return document{};
}

base::result<void> pauses::load() {
  const auto lock = plugin::lock_file(place_ / plugin::staging_lock_name, LOCK_EX);
  if (!lock) return lock.error();
  const auto kept = read_document();
  if (!kept) return kept.error();
  const auto own = kept->by_config_file.find(config_file_);
  if (own == kept->by_config_file.end()) return {};
  pause_entries found;
  try {
    for (const auto& [scanner, pause] : own->items()) found.emplace(scanner, pause_of(pause));
  } catch (const ordered_json::exception& failure) {
    return move_aside(failure.what());
  }
  const std::lock_guard guard(mutex_);
  entries_ = std::move(found);
  return {};
}

base::result<void> pauses::save() {
  const auto lock = plugin::lock_file(place_ / plugin::staging_lock_name, LOCK_EX);
  if (!lock) return lock.error();
  auto kept = read_document();
  if (!kept) return kept.error();
  std::unique_lock guard(mutex_);
  const auto snapshot = entries_;
  const auto changes = changes_;
  guard.unlock();
  kept->by_config_file.erase(config_file_);
  for (const auto& [scanner, pause] : snapshot)
    kept->by_config_file[config_file_][scanner] = json_of_pause(pause);
  if (auto written = replace_state(place_ / pauses_file, base::json_pretty(kept->by_config_file)); !written)
    return written;
  guard.lock();
  saved_changes_ = changes;
  return {};
}

}  // namespace scanhost::reload
