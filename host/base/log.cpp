// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace scanhost::base {

namespace {

spdlog::level::level_enum spdlog_level(severity level) noexcept {
  switch (level) {
    case severity::trace:
      return spdlog::level::trace;
    case severity::debug:
      return spdlog::level::debug;
    case severity::info:
      return spdlog::level::info;
    case severity::warn:
      return spdlog::level::warn;
    case severity::error:
      return spdlog::level::err;
    case severity::off:
      break;
  }
  return spdlog::level::off;
}

// The scanners' own levels. Most hosts have none, and then a line costs one look at `any_`.
class own_levels {
 public:
  void set(const std::string& scanner, std::uint64_t number, std::optional<severity> level) {
    const std::lock_guard lock(mutex_);
    auto& entry = entries_[scanner];
    if (number < entry.number) return;
    entry = {number, level};
    look_for_any();
  }
  void remove(const std::string& scanner, std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(scanner);
    if (found == entries_.end() || found->second.number != number) return;
    entries_.erase(found);
    look_for_any();
  }
  std::optional<severity> find(std::string_view scanner) const {
    if (!any_.load(std::memory_order_relaxed)) return std::nullopt;
    const std::shared_lock lock(mutex_);
    const auto found = entries_.find(scanner);
    return found == entries_.end() ? std::nullopt : found->second.level;
  }

 private:
  struct entry {
    std::uint64_t number = 0;
    std::optional<severity> level;
  };

  void look_for_any() {
    any_ = std::ranges::any_of(entries_, [](const auto& named) { return named.second.level.has_value(); });
  }

  mutable std::shared_mutex mutex_;
  std::map<std::string, entry, std::less<>> entries_;
  std::atomic<bool> any_{false};
};

// Never destroyed: the thread of a stuck scanner may log until the process ends.
own_levels& levels() {
  static own_levels& all = *std::make_unique<own_levels>().release();
  return all;
}

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

thread_local line_context present_line;

class line_in_progress {
 public:
  explicit line_in_progress(line_context line) noexcept : before_(std::exchange(present_line, line)) {}
  ~line_in_progress() { present_line = before_; }
  line_in_progress(const line_in_progress&) = delete;
  line_in_progress& operator=(const line_in_progress&) = delete;

 private:
  const line_context before_;
};

// The logger leaves out what is below the level of the host; a scanner's own level may be lower.
void write(severity level, const line_context& line, std::string_view text) {
  if (!logs(level, line.scanner)) return;
  const line_in_progress context(line);
  auto& logger = *spdlog::default_logger_raw();
  const auto written =
      line.scanner.empty() ? std::string(text) : fmt::format("scanner={} {}", line.scanner, text);
  if (logger.should_log(spdlog_level(level)))
    return logger.log(spdlog_level(level), std::string_view(written));
  spdlog::logger copy(logger);
  copy.set_level(spdlog::level::trace);
  copy.log(spdlog_level(level), std::string_view(written));
}

}  // namespace

severity host_log_level() noexcept {
  const auto level = spdlog::get_level();
  if (level >= spdlog::level::off) return severity::off;
  return static_cast<severity>(std::min<int>(level, spdlog::level::err));
}

bool logs(severity level, std::string_view scanner) noexcept {
  const auto own = levels().find(scanner);
  return own ? level >= *own : spdlog::should_log(spdlog_level(level));
}

void log(const log_event& event, std::string_view scanner, std::string_view text,
         std::initializer_list<log_field> members) {
  write(event.level, {scanner, {}, event.name, {members.begin(), members.size()}}, text);
}

void log(const log_event& event, std::string_view text) { log(event, {}, text); }

void log(severity level, std::string_view scanner, std::string_view text) {
  write(level, {scanner, {}, {}, {}}, text);
}

void log_plugin_message(severity level, std::string_view scanner, std::string_view text,
                        std::string_view partition, std::span<const log_field> fields) {
  const log_field member{"partition", partition};
  write(level,
        {scanner, fields, events::plugin_message.name, {&member, partition.empty() ? std::size_t{0} : 1}},
        text);
}

const line_context& context_of_line() noexcept { return present_line; }

scanner_log_level::scanner_log_level(std::string scanner)
    : scanner_(std::move(scanner)), number_(next_number()) {
  set(std::nullopt);
}
scanner_log_level::~scanner_log_level() { levels().remove(scanner_, number_); }
void scanner_log_level::set(std::optional<severity> level) { levels().set(scanner_, number_, level); }

}  // namespace scanhost::base
