// SPDX-License-Identifier: Apache-2.0
//
// Log lines under a scanner's name, through the default logger that boot sets up. Thread safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace scanhost::base {

// `off`, as a level: nothing is written. No line has it.
enum class severity { trace, debug, info, warn, error, off };

std::string_view to_text(severity level) noexcept;
// None: it is not the name of a level.
std::optional<severity> severity_of(std::string_view name) noexcept;
// "trace, debug, info, warn, error or off": for messages.
inline constexpr std::string_view severity_names = "trace, debug, info, warn, error or off";

// Name and value of something that a line is about. Any bytes: the formatter makes text or JSON of them.
struct log_field {
  std::string_view name;
  std::string_view value;
};

// Whether a line of this level is written for the scanner now.
bool logs(severity level, std::string_view scanner) noexcept;
void log(severity level, std::string_view scanner, std::string_view text,
         std::span<const log_field> fields = {});

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
// inside log(); both are empty for lines that are no scanner's.
struct line_context {
  std::string_view scanner;
  std::span<const log_field> fields;
};
const line_context& context_of_line() noexcept;

}  // namespace scanhost::base
