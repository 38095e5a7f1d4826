// SPDX-License-Identifier: Apache-2.0
#include "config/options.hpp"

#include <fmt/format.h>

#include "config/fields.hpp"
#include "config/quantity.hpp"
#include "config/suggestion.hpp"

namespace scanhost::config {
namespace {

bool has_valid_length(const option& table, std::int64_t length, const node& from, const std::string& path,
                      std::string_view unit, diagnostics& diagnostics) {
  if ((table.minimum == 0 && table.maximum == 0) || (length >= table.minimum && length <= table.maximum))
    return true;
  diagnostics.problem(from.line, fmt::format("{}: expected {} to {} {}, found {}", path, table.minimum,
                                             table.maximum, unit, length));
  return false;
}

bool read_number(const option& table, measure unit, const node& from, const std::string& path,
                 option_value& to, diagnostics& diagnostics) {
  const bounds limits{table.minimum, table.maximum};
  const bool bounded = table.minimum != 0 || table.maximum != 0;
  std::int64_t value = 0;
  if (!read_number(from, path, unit, bounded ? &limits : nullptr, value, diagnostics)) return false;
  to = value;
  return true;
}

bool read_value(const option& table, const node& from, const std::string& path, option_value& to,
                diagnostics& diagnostics) {
  switch (table.type) {
    case option_type::text: {
      std::string text;
      if (!read_text(from, path, text, diagnostics)) return false;
      if (!has_valid_length(table, static_cast<std::int64_t>(text.size()), from, path, "bytes", diagnostics))
        return false;
      to = std::move(text);
      return true;
    }
    case option_type::text_list: {
      std::vector<std::string> texts;
      if (!read_texts(from, path, texts, diagnostics)) return false;
      if (!has_valid_length(table, static_cast<std::int64_t>(texts.size()), from, path, "elements",
                            diagnostics))
        return false;
      to = std::move(texts);
      return true;
    }
    case option_type::flag: {
      bool flag = false;
      if (!read_flag(from, path, flag, diagnostics)) return false;
      to = std::int64_t{flag ? 1 : 0};
      return true;
    }
    case option_type::integer:
      return read_number(table, measure::integer, from, path, to, diagnostics);
    case option_type::duration:
      return read_number(table, measure::duration, from, path, to, diagnostics);
    case option_type::size:
      return read_number(table, measure::size, from, path, to, diagnostics);
  }
  return false;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> elements;
  while (!text.empty()) {
    const auto comma = text.find(',');
    auto element = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const auto begin = element.find_first_not_of(' ');
    if (begin == std::string_view::npos) continue;
    elements.emplace_back(element.substr(begin, element.find_last_not_of(' ') - begin + 1));
  }
  return elements;
}

std::int64_t number_or_zero(const quantity& number) { return number ? *number : 0; }

// The loader refuses a plugin whose defaults cannot be read; here such a default would be zero.
option_value default_of(const option& table) {
  const auto& text = table.default_value;
  switch (table.type) {
    case option_type::text:
      return text;
    case option_type::text_list:
      return split_list(text);
    case option_type::flag:
      return std::int64_t{text == "true" ? 1 : 0};
    case option_type::integer:
      return number_or_zero(parse_integer(text));
    case option_type::duration:
      return number_or_zero(parse_duration(text));
    case option_type::size:
      return number_or_zero(parse_size(text));
  }
  return text;
}

std::vector<std::string> names_of(const description& plugin) {
  std::vector<std::string> names;
  for (const auto& option : plugin.options) names.push_back(option.name);
  return names;
}

void find_unknown(const written_scanner& scanner, const description& plugin, diagnostics& diagnostics) {
  for (const auto& entry : scanner.options->entries)
    if (plugin.find_option(entry.key) == nullptr)
      diagnostics.problem(entry.line, fmt::format("unknown option {} in scanners.{}.options; {}",
                                                  in_quotes(entry.key), scanner.settings.name,
                                                  suggestion(entry.key, names_of(plugin),
                                                             "the options of " + plugin.name + " are")));
}

}  // namespace

option_values resolve_options(const written_scanner& scanner, const description& plugin, const node* global,
                              diagnostics& diagnostics) {
  option_values values;
  if (scanner.options) find_unknown(scanner, plugin, diagnostics);
  for (const auto& table : plugin.options) {
    auto& value = values[table.name] = default_of(table);
    // Both are checked, so that a wrong global value is reported even where it is overridden.
    if (global != nullptr)
      if (const auto* entry = global->find(table.name))
        read_value(table, *entry->value, "options." + table.name, value, diagnostics);
    if (scanner.options)
      if (const auto* entry = scanner.options->find(table.name))
        read_value(table, *entry->value,
                   fmt::format("scanners.{}.options.{}", scanner.settings.name, table.name), value,
                   diagnostics);
  }
  return values;
}

}  // namespace scanhost::config
