// SPDX-License-Identifier: Apache-2.0
#include "store/protocol/missing_right.hpp"

#include <fmt/format.h>

namespace scanhost::store {
namespace {

// In a script; the former does not name the command.
constexpr std::string_view in_script_before_7_2 = "ERR The user executing the script can't ";
constexpr std::string_view in_script = "ERR ACL failure in script: ";

bool contains(std::string_view text, std::string_view part) noexcept {
  return text.find(part) != std::string_view::npos;
}

// "NOPERM User sweeper has no permissions ..."
std::string_view user_in(std::string_view error) noexcept {
  constexpr std::string_view before = " User ", behind = " has no permissions";
  const auto start = error.find(before), end = error.find(behind);
  if (start == std::string_view::npos || end == std::string_view::npos || end < start) return "USER";
  return error.substr(start + before.size(), end - start - before.size());
}

// "... to run the 'xgroup|create' command"
std::string rule_in(std::string_view error) {
  const auto start = error.find('\'');
  const auto end = error.find('\'', start + 1);
  if (contains(error, "to run the '") && end != std::string_view::npos)
    return fmt::format("+{}", error.substr(start + 1, end - start - 1));
  if (contains(error, "channel")) return "'&CHANNEL'";
  if (contains(error, "command")) return "+COMMAND";
  return "'~KEY'";
}

}  // namespace

bool is_missing_right(std::string_view error) noexcept {
  return error.starts_with("NOPERM") || error.starts_with(in_script) ||
         error.starts_with(in_script_before_7_2);
}

std::string command_for_missing_right(std::string_view error) {
  return fmt::format("ACL SETUSER {} {}", user_in(error), rule_in(error));
}

std::string with_missing_right(std::string_view error) {
  return fmt::format("{}; grant it: {}", error, command_for_missing_right(error));
}

}  // namespace scanhost::store
