// SPDX-License-Identifier: Apache-2.0
#include "config/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/quantity.hpp"
#include "config/secret_source.hpp"
#include "config/suggestion.hpp"

namespace scanhost::config {
namespace {

bool wrong_kind(const node& from, const std::string& path, std::string_view expected,
                diagnostics& diagnostics) {
  diagnostics.problem(from.line, fmt::format("{}: expected {}, found {}", path, expected, name_of(from)));
  return false;
}

std::string_view describe(measure unit) {
  switch (unit) {
    case measure::integer:
      return "a whole number";
    case measure::duration:
      return "a duration such as 1500ms, 2s or 5m";
    case measure::latency:
      return "a latency such as 300us, 2ms or 1s";
    case measure::size:
      return "a size such as 512, 64KiB or 1MiB";
  }
  return {};
}

std::string shown(std::int64_t value, measure unit) {
  if (unit == measure::duration) return format_duration(base::milliseconds(value));
  if (unit == measure::latency) return format_latency(std::chrono::microseconds(value));
  return unit == measure::size ? format_size(value) : std::to_string(value);
}

quantity parse(const std::string& text, measure unit) {
  switch (unit) {
    case measure::duration:
      return parse_duration(text);
    case measure::latency:
      return parse_latency(text);
    case measure::size:
      return parse_size(text);
    case measure::integer:
      break;
  }
  return parse_integer(text);
}

// Passwords have keys of their own, so that nobody writes one into the file.
std::string advice(std::string_view key, const std::vector<std::string>& known) {
  const bool takes_secrets = std::find(known.begin(), known.end(), "password_file") != known.end();
  if (takes_secrets && key == "password") return advise_on_secret(std::string(key));
  return suggestion(key, known, "the keys here are");
}

}  // namespace

bool read_text(const node& from, const std::string& path, std::string& to, diagnostics& diagnostics) {
  if (from.kind != node_kind::scalar) return wrong_kind(from, path, "a text", diagnostics);
  to = from.text;
  return true;
}

bool without_nul(const node& from, const std::string& path, const std::string& value,
                 diagnostics& diagnostics) {
  if (value.find('\0') == std::string::npos) return true;
  diagnostics.problem(from.line, fmt::format("{} must not contain a NUL byte", path));
  return false;
}

bool read_flag(const node& from, const std::string& path, bool& to, diagnostics& diagnostics) {
  if (from.kind != node_kind::scalar) return wrong_kind(from, path, "true or false", diagnostics);
  if (from.quoted || (from.text != "true" && from.text != "false")) {
    diagnostics.problem(from.line, fmt::format("{}: expected true or false without quotes, found {}", path,
                                               in_quotes(from.text)));
    return false;
  }
  to = from.text == "true";
  return true;
}

bool read_texts(const node& from, const std::string& path, std::vector<std::string>& to,
                diagnostics& diagnostics) {
  if (from.kind == node_kind::scalar) {
    diagnostics.problem(from.line, fmt::format("{}: expected a list, found a single value; write [{}]", path,
                                               as_in_yaml(from.text)));
    return false;
  }
  if (from.kind != node_kind::list)
    return wrong_kind(from, path, "a list of texts such as [a, b]", diagnostics);
  std::vector<std::string> read;
  bool fine = true;
  for (const auto& item : from.items)
    fine = read_text(*item, fmt::format("{}[{}]", path, &item - from.items.data()), read.emplace_back(),
                     diagnostics) &&
           fine;
  if (fine) to = std::move(read);
  return fine;
}

bool read_number(const node& from, const std::string& path, measure unit, const bounds* range,
                 std::int64_t& to, diagnostics& diagnostics) {
  if (from.kind != node_kind::scalar) return wrong_kind(from, path, describe(unit), diagnostics);
  if (unit == measure::integer && from.quoted) {
    diagnostics.problem(from.line,
                        fmt::format("{}: expected a whole number, found a text; remove the quotes", path));
    return false;
  }
  const auto value = parse(from.text, unit);
  if (!value) {
    diagnostics.problem(from.line, fmt::format("{}: {}", path, value.error()));
    return false;
  }
  if (range != nullptr && (*value < range->min || *value > range->max)) {
    diagnostics.problem(
        from.line, fmt::format("{}: {} is out of range; the range is {} to {}", path, in_quotes(from.text),
                               shown(range->min, unit), shown(range->max, unit)));
    return false;
  }
  to = *value;
  return true;
}

fields::fields(const node* from, std::string path, std::vector<std::string> known, diagnostics& diagnostics)
    : from_(from), path_(std::move(path)), diagnostics_(diagnostics) {
  if (from_ == nullptr) return;
  for (const auto& entry : from_->entries) {
    if (diagnostics.is_full()) return;
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    diagnostics.problem(entry.line,
                        fmt::format("unknown key {}{}; {}", in_quotes(entry.key),
                                    path_.empty() ? "" : " in " + path_, advice(entry.key, known)));
  }
}

const map_entry* fields::find(std::string_view key) const noexcept {
  return from_ == nullptr ? nullptr : from_->find(key);
}

std::string fields::path(std::string_view key) const {
  return (path_.empty() ? path_ : path_ + ".") + std::string(key);
}

int fields::line(std::string_view key) const noexcept {
  const auto* entry = find(key);
  return entry == nullptr ? 0 : entry->line;
}

bool fields::without_nul(const map_entry& entry, std::string_view key, const std::string& value) const {
  return config::without_nul(*entry.value, path(key), value, diagnostics_);
}

bool fields::text(std::string_view key, std::string& to) const {
  const auto* entry = find(key);
  std::string value;
  if (entry == nullptr || !read_text(*entry->value, path(key), value, diagnostics_)) return false;
  if (!without_nul(*entry, key, value)) return false;
  to = std::move(value);
  return true;
}

bool fields::texts(std::string_view key, std::vector<std::string>& to) const {
  const auto* entry = find(key);
  std::vector<std::string> values;
  if (entry == nullptr || !read_texts(*entry->value, path(key), values, diagnostics_)) return false;
  for (const auto& value : values)
    if (!without_nul(*entry, key, value)) return false;
  to = std::move(values);
  return true;
}

bool fields::text_or_texts(std::string_view key, std::vector<std::string>& to) const {
  const auto* entry = find(key);
  if (entry == nullptr || entry->value->kind != node_kind::scalar) return texts(key, to);
  std::string value;
  if (!text(key, value)) return false;
  to = {std::move(value)};
  return true;
}

bool fields::flag(std::string_view key, bool& to) const {
  const auto* entry = find(key);
  return entry != nullptr && read_flag(*entry->value, path(key), to, diagnostics_);
}

bool fields::flag_or(std::string_view key, std::string_view word, bool& to, bool& is_word) const {
  const auto* entry = find(key);
  if (entry == nullptr) return false;
  const auto& from = *entry->value;
  if (from.kind != node_kind::scalar)
    return wrong_kind(from, path(key), fmt::format("true, false or {}", word), diagnostics_);
  is_word = from.text == word;
  if (is_word) return true;
  if (!from.quoted && (from.text == "true" || from.text == "false")) {
    to = from.text == "true";
    return true;
  }
  diagnostics_.problem(from.line, fmt::format("{}: expected true, false or {}, found {}", path(key), word,
                                              in_quotes(from.text)));
  return false;
}

bool fields::duration(std::string_view key, bounds range, base::milliseconds& to) const {
  std::int64_t value = 0;
  const auto* entry = find(key);
  if (entry == nullptr ||
      !read_number(*entry->value, path(key), measure::duration, &range, value, diagnostics_))
    return false;
  to = base::milliseconds(value);
  return true;
}

std::filesystem::path below(const std::filesystem::path& folder, const std::string& written) {
  const std::filesystem::path path(written);
  return (path.is_absolute() ? path : folder / path).lexically_normal();
}

bool fields::latency(std::string_view key, bounds range, std::chrono::microseconds& to) const {
  std::int64_t value = 0;
  const auto* entry = find(key);
  if (entry == nullptr ||
      !read_number(*entry->value, path(key), measure::latency, &range, value, diagnostics_))
    return false;
  to = std::chrono::microseconds(value);
  return true;
}

bool fields::size(std::string_view key, bounds range, std::int64_t& to) const {
  const auto* entry = find(key);
  return entry != nullptr && read_number(*entry->value, path(key), measure::size, &range, to, diagnostics_);
}

const node* section(const map_entry* entry, const std::string& path, diagnostics& diagnostics) {
  if (entry == nullptr || entry->value->kind == node_kind::null) return nullptr;
  if (entry->value->kind == node_kind::map) return entry->value.get();
  wrong_kind(*entry->value, path, "a map of keys and values", diagnostics);
  return nullptr;
}

}  // namespace scanhost::config
