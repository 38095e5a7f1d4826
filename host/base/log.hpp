// SPDX-License-Identifier: Apache-2.0
//
// Log lines, through the default logger that boot sets up. A line of the host from the level info on is about
// one of the events in base/events.hpp, and has its level. Thread safe.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/events.hpp"
#include "base/severity.hpp"

namespace scanhost::base {

// Name and value of something that a line is about. Any bytes: the formatter makes text or JSON of them.
struct log_field {
  std::string_view name;
  std::string_view value;
};

// Whether a line of this level is written for the scanner now.
bool logs(severity level, std::string_view scanner) noexcept;

// `members`: what the text speaks of (partition, item, error), for a JSON line.
void log(const log_event& event, std::string_view scanner, std::string_view text,
         std::initializer_list<log_field> members = {});
// A line that is no scanner's.
void log(const log_event& event, std::string_view text);
// A line for debugging, of the level trace or debug.
void log(severity level, std::string_view scanner, std::string_view text);
// `fields`: those of the plugin; they stand behind the message for people, too. `partition`: of the scan that
// the plugin is called for, for a JSON line; empty: none.
void log_plugin_message(severity level, std::string_view scanner, std::string_view text,
                        std::string_view partition, std::span<const log_field> fields);

// The level of the host, which counts where a scanner has none of its own.
severity host_log_level() noexcept;

// A scanner's own level, while this lives. Where two of one name live, the later one counts.
class scanner_log_level {
 public:
  explicit scanner_log_level(std::string scanner);
  ~scanner_log_level();
  scanner_log_level(const scanner_log_level&) = delete;
  scanner_log_level& operator=(const scanner_log_level&) = delete;

  // None: that of the host.
  void set(std::optional<severity> level);

 private:
  const std::string scanner_;
  const std::uint64_t number_;  // of those with this name, the highest counts
};

// What belongs to the line that this thread is writing, besides its text. For the formatter, which runs
// inside log().
struct line_context {
  std::string_view scanner;  // empty: no scanner's
  std::span<const log_field> fields;
  std::string_view event;              // empty: a line for debugging
  std::span<const log_field> members;  // of a JSON line only, since the text has them
};
const line_context& context_of_line() noexcept;

}  // namespace scanhost::base
