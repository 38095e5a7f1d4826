// SPDX-License-Identifier: Apache-2.0
#include "reload/pauses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/utf8.hpp"
#include "config/quantity.hpp"

namespace scanhost::reload {
namespace {

namespace fs = std::filesystem;
using base::errc;
using base::fail;
using base::is_one_line;
using nlohmann::ordered_json;
using runner::pause_details;

constexpr auto pauses_file = "pauses.json";
constexpr auto loss =
    "and what it said is paused no longer is; look into it and pause again what must not run";
constexpr std::size_t max_reason = 200;  // bytes
constexpr base::milliseconds min_span = std::chrono::seconds(1);
constexpr base::milliseconds max_span = std::chrono::days(365);

// --- the rules

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
    : document_(std::move(place), pauses_file, config_file, loss, std::move(warn)) {}

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

base::result<void> pauses::load() {
  return document_.load([this](const ordered_json& part) {
    pause_entries found;
    for (const auto& [scanner, pause] : part.items()) found.emplace(scanner, pause_of(pause));
    const std::lock_guard guard(mutex_);
    entries_ = std::move(found);
  });
}

base::result<void> pauses::save() {
  std::unique_lock guard(mutex_);
  const auto snapshot = entries_;
  const auto changes = changes_;
  guard.unlock();
  auto part = ordered_json::object();
  for (const auto& [scanner, pause] : snapshot) part[scanner] = json_of_pause(pause);
  if (auto saved = document_.save(part); !saved) return saved;
  guard.lock();
  saved_changes_ = changes;
  return {};
}

}  // namespace scanhost::reload
