// SPDX-License-Identifier: Apache-2.0
#include "plan/function_library.hpp"

#include <algorithm>
#include <cctype>
#include <compare>

namespace scanhost::plan {
namespace {

constexpr std::string_view mark_prefix = "-- scanhost functions: ";
constexpr std::string_view engine_prefix = "#!lua name=";

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// The longest run at the front of `text` that is all digits or has none; removed from it.
std::string_view take_run(std::string_view& text) {
  const bool digits = is_digit(text.front());
  const auto end = std::find_if(text.begin(), text.end(), [&](char c) { return is_digit(c) != digits; });
  const auto run = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(run.size());
  return run;
}

std::strong_ordering compare_numbers(std::string_view left, std::string_view right) {
  left.remove_prefix(std::min(left.find_first_not_of('0'), left.size()));
  right.remove_prefix(std::min(right.find_first_not_of('0'), right.size()));
  if (left.size() != right.size()) return left.size() <=> right.size();
  return left.compare(right) <=> 0;
}

}  // namespace

std::optional<library_mark> read_mark(std::string_view code) {
  take_line(code);
  auto line = take_line(code);
  if (!line.starts_with(mark_prefix)) return std::nullopt;
  line.remove_prefix(mark_prefix.size());
  const auto blank = line.find(' ');
  if (blank == 0 || blank == std::string_view::npos || blank + 1 == line.size()) return std::nullopt;
  return library_mark{std::string(line.substr(0, blank)), std::string(line.substr(blank + 1))};
}

std::optional<std::string> read_engine_name(std::string_view code) {
  const auto line = take_line(code);
  if (!line.starts_with(engine_prefix) || line.size() == engine_prefix.size()) return std::nullopt;
  return std::string(line.substr(engine_prefix.size()));
}

std::strong_ordering compare_versions(std::string_view left, std::string_view right) {
  while (!left.empty() && !right.empty()) {
    const auto a = take_run(left);
    const auto b = take_run(right);
    const auto order =
        is_digit(a.front()) && is_digit(b.front()) ? compare_numbers(a, b) : a.compare(b) <=> 0;
    if (std::is_neq(order)) return order;
  }
  return left.size() <=> right.size();
}

install_step decide_install(const std::optional<std::string>& on_server, std::string_view our_version) {
  if (!on_server) return install_step::load;
  const auto mark = read_mark(*on_server);
  if (!mark) return install_step::keep_foreign;
  const auto order = compare_versions(mark->version, our_version);
  if (std::is_eq(order)) return install_step::keep_same;
  return std::is_lt(order) ? install_step::replace : install_step::keep_newer;
}

}  // namespace scanhost::plan
