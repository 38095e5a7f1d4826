// SPDX-License-Identifier: Apache-2.0
#include "config/fields.hpp"

#include <algorithm>

#include "config/quantity.hpp"
#include "config/suggestion.hpp"

namespace scanhost::config {
namespace {

bool wrong_kind(const node& from, const std::string& path, const std::string& expected, findings& findings) {
  findings.problem(from.line, path + " takes " + expected + ", and here is " + name_of(from));
  return false;
}

std::string describe(measure how) {
  switch (how) {
    case measure::integer:
      return "a whole number";
    case measure::duration:
      return "a duration, such as 1500ms, 2s or 5m";
    case measure::size:
      return "a size, such as 512, 64KiB or 1MiB";
  }
  return {};
}

std::string shown(std::int64_t value, measure how) {
  if (how == measure::duration) return format_duration(base::milliseconds(value));
  return how == measure::size ? format_size(value) : std::to_string(value);
}

quantity parse(const std::string& text, measure how) {
  switch (how) {
    case measure::duration:
      return parse_duration(text);
    case measure::size:
      return parse_size(text);
    case measure::integer:
      break;
  }
  return parse_integer(text);
}

// Secrets have keys of their own, so that nobody writes them into the file.
std::string advice(std::string_view key, const std::vector<std::string>& known) {
  const bool takes_secrets = std::find(known.begin(), known.end(), "password_file") != known.end();
  if (takes_secrets && key == "password")
    return "secrets do not belong in this file; use password_file or password_env";
  return suggestion(key, known, "the keys here are");
}

}  // namespace

bool read_text(const node& from, const std::string& path, std::string& to, findings& findings) {
  if (from.what != node::kind::scalar) return wrong_kind(from, path, "a text", findings);
  to = from.text;
  return true;
}

bool read_flag(const node& from, const std::string& path, bool& to, findings& findings) {
  if (from.what != node::kind::scalar) return wrong_kind(from, path, "true or false", findings);
  if (from.quoted || (from.text != "true" && from.text != "false")) {
    findings.problem(from.line,
                     path + " takes true or false without quotes, and here is " + in_quotes(from.text));
    return false;
  }
  to = from.text == "true";
  return true;
}

bool read_texts(const node& from, const std::string& path, std::vector<std::string>& to, findings& findings) {
  if (from.what == node::kind::scalar) {
    findings.problem(from.line,
                     path + " takes a list, and here is a single value; write [" + from.text + "]");
    return false;
  }
  if (from.what != node::kind::list)
    return wrong_kind(from, path, "a list of texts, such as [a, b]", findings);
  std::vector<std::string> read;
  bool fine = true;
  for (const auto& item : from.items)
    fine = read_text(*item, path + "[" + std::to_string(&item - from.items.data()) + "]", read.emplace_back(),
                     findings) &&
           fine;
  if (fine) to = std::move(read);
  return fine;
}

bool read_number(const node& from, const std::string& path, measure how, const bounds* within,
                 std::int64_t& to, findings& findings) {
  if (from.what != node::kind::scalar) return wrong_kind(from, path, describe(how), findings);
  if (how == measure::integer && from.quoted) {
    findings.problem(from.line, path + " takes a whole number, and here is a text; remove the quotes");
    return false;
  }
  const auto value = parse(from.text, how);
  if (!value) {
    findings.problem(from.line, path + ": " + value.error());
    return false;
  }
  if (within != nullptr && (*value < within->least || *value > within->greatest)) {
    findings.problem(from.line, path + ": " + in_quotes(from.text) + " is out of range; it goes from " +
                                    shown(within->least, how) + " to " + shown(within->greatest, how));
    return false;
  }
  to = *value;
  return true;
}

fields::fields(const node* from, std::string path, std::vector<std::string> known, findings& findings)
    : from_(from), path_(std::move(path)), findings_(findings) {
  if (from_ == nullptr) return;
  for (const auto& entry : from_->entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    findings.problem(entry.line, "unknown key " + in_quotes(entry.key) +
                                     (path_.empty() ? "" : " in " + path_) + "; " + advice(entry.key, known));
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
  if (value.find('\0') == std::string::npos) return true;
  findings_.problem(entry.value->line, path(key) + " must not contain a NUL byte");
  return false;
}

bool fields::text(std::string_view key, std::string& to) const {
  const auto* entry = find(key);
  std::string value;
  if (entry == nullptr || !read_text(*entry->value, path(key), value, findings_)) return false;
  if (!without_nul(*entry, key, value)) return false;
  to = std::move(value);
  return true;
}

bool fields::texts(std::string_view key, std::vector<std::string>& to) const {
  const auto* entry = find(key);
  std::vector<std::string> values;
  if (entry == nullptr || !read_texts(*entry->value, path(key), values, findings_)) return false;
  for (const auto& value : values)
    if (!without_nul(*entry, key, value)) return false;
  to = std::move(values);
  return true;
}

bool fields::text_or_texts(std::string_view key, std::vector<std::string>& to) const {
  const auto* entry = find(key);
  if (entry == nullptr || entry->value->what != node::kind::scalar) return texts(key, to);
  std::string value;
  if (!text(key, value)) return false;
  to = {std::move(value)};
  return true;
}

bool fields::flag(std::string_view key, bool& to) const {
  const auto* entry = find(key);
  return entry != nullptr && read_flag(*entry->value, path(key), to, findings_);
}

bool fields::duration(std::string_view key, bounds within, base::milliseconds& to) const {
  std::int64_t value = 0;
  const auto* entry = find(key);
  if (entry == nullptr ||
      !read_number(*entry->value, path(key), measure::duration, &within, value, findings_))
    return false;
  to = base::milliseconds(value);
  return true;
}

const node* section(const map_entry* entry, const std::string& path, findings& findings) {
  if (entry == nullptr || entry->value->what == node::kind::null) return nullptr;
  if (entry->value->what == node::kind::map) return entry->value.get();
  wrong_kind(*entry->value, path, "a map of keys and values", findings);
  return nullptr;
}

}  // namespace scanhost::config
