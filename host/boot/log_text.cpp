// SPDX-License-Identifier: Apache-2.0
#include "boot/log_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/utf8.hpp"

namespace scanhost::boot {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// Calls `append` for each character, and for the replacement where there is none.
template <class Append>
std::string transform(std::string_view message, std::size_t max_size, Append append) {
  std::string text;
  text.reserve(message.size());
  std::size_t at = 0;
  while (at < message.size() && at < max_size) {
    const auto length = base::utf8_character(message.substr(at));
    append(text, length == 0 ? replacement : message.substr(at, length));
    at += length == 0 ? 1 : length;
  }
  if (at < message.size()) text += fmt::format(" ... ({} more bytes)", message.size() - at);
  return text;
}

bool is_control(std::string_view character) noexcept {
  const auto first = static_cast<unsigned char>(character.front());
  return first < 0x20 || first == 0x7f;
}

void append_json(std::string& text, std::string_view character) {
  if (character == "\"" || character == "\\") {
    text += '\\';
    text += character;
  } else if (is_control(character)) {
    text += fmt::format("\\u{:04x}", static_cast<unsigned char>(character.front()));
  } else {
    text += character;
  }
}

// --- fields

constexpr std::array<std::string_view, 7> host_members{"time",  "level",   "thread",         "message",
                                                       "event", "scanner", "fields_left_out"};
// Members that are texts in every line, also where they look like numbers: an index of logs has one type for
// each.
constexpr std::array<std::string_view, 3> text_members{"partition", "item", "error"};

constexpr std::size_t max_exact_digits = 15;  // that a reader's double holds

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_name_character(char c) noexcept {
  return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

// Ids with leading zeros, and those in the form of 1e5, are texts.
bool is_plain_number(std::string_view value) {
  if (value.starts_with('-')) value.remove_prefix(1);
  const auto point = value.find('.');
  const auto whole = value.substr(0, point);
  if (!all_digits(whole) || (whole.size() > 1 && whole.front() == '0')) return false;
  return value.size() <= max_exact_digits &&
         (point == std::string_view::npos || all_digits(value.substr(point + 1)));
}

// Names that no other member of the line has.
class field_names {
 public:
  std::string add(std::string_view name) {
    std::string chosen(name.substr(0, max_log_field_name));
    std::ranges::replace_if(
        chosen, [](char c) { return !is_name_character(c); }, '_');
    if (chosen.empty() || is_digit(chosen.front())) chosen.insert(0, 1, '_');
    while (is_taken(chosen)) chosen += '_';
    return taken_.emplace_back(std::move(chosen));
  }

 private:
  bool is_taken(std::string_view name) const {
    return std::ranges::count(host_members, name) + std::ranges::count(taken_, name) > 0;
  }

  std::vector<std::string> taken_;
};

std::string json_string(std::string_view value) {
  return fmt::format("\"{}\"", transform(value, max_log_field_value, append_json));
}

std::string json_value(std::string_view value) {
  if (value == "true" || value == "false" || is_plain_number(value)) return std::string(value);
  return json_string(value);
}

std::string json_member(const base::log_field& member) {
  const bool is_text = std::ranges::count(text_members, member.name) > 0;
  return fmt::format(",\"{}\":{}", member.name,
                     is_text ? json_string(member.value) : json_value(member.value));
}

void append_quoted(std::string& text, std::string_view character) {
  if (character == "\"" || character == "\\") text += '\\';
  if (character == "\n")
    text += "\\n";
  else
    text += is_control(character) ? "?" : character;
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=\\") != std::string_view::npos ||
         std::ranges::any_of(value, [](char c) {
           return is_control({&c, 1});
         });
}

std::string human_value(std::string_view value) {
  const auto text = transform(value, max_log_field_value, append_quoted);
  return needs_quotes(value) || value.size() > max_log_field_value ? fmt::format("\"{}\"", text) : text;
}

// Calls `append` with the name and the value of each field.
template <class Append>
std::size_t for_each_field(std::span<const base::log_field> fields, Append append) {
  field_names names;
  const auto shown = fields.first(std::min(fields.size(), max_log_fields));
  for (const auto& field : shown) append(names.add(field.name), field.value);
  return fields.size() - shown.size();
}

}  // namespace

std::string json_log_text(std::string_view message) {
  return transform(message, max_log_message, append_json);
}

std::string json_log_context(const base::line_context& line) {
  std::string text;
  if (!line.event.empty()) text += fmt::format(",\"event\":\"{}\"", line.event);
  if (!line.scanner.empty()) text += fmt::format(",\"scanner\":\"{}\"", json_log_text(line.scanner));
  for (const auto& member : line.members)
    if (std::ranges::count(line.fields, member.name, &base::log_field::name) == 0)
      text += json_member(member);
  const auto left_out = for_each_field(line.fields, [&](const std::string& name, std::string_view value) {
    text += fmt::format(",\"{}\":{}", name, json_value(value));
  });
  if (left_out > 0) text += fmt::format(",\"fields_left_out\":{}", left_out);
  return text;
}

std::string human_log_context(const base::line_context& line) {
  std::string text;
  const auto left_out = for_each_field(line.fields, [&](const std::string& name, std::string_view value) {
    text += fmt::format(" {}={}", name, human_value(value));
  });
  if (left_out > 0) text += fmt::format(" ... ({} more fields)", left_out);
  return text;
}

std::string human_log_text(std::string_view message) {
  return transform(message, max_log_message, [](std::string& text, std::string_view character) {
    const bool shown = !is_control(character) || character == "\n" || character == "\t";
    text += shown ? character : "?";
  });
}

}  // namespace scanhost::boot
