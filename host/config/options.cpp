// SPDX-License-Identifier: Apache-2.0
#include "config/options.hpp"

#include "config/fields.hpp"
#include "config/quantity.hpp"
#include "config/suggestion.hpp"

namespace scanhost::config {
namespace {

bool within(const option& table, std::int64_t length, const node& from, const std::string& path,
            const std::string& what, findings& findings) {
  if ((table.minimum == 0 && table.maximum == 0) || (length >= table.minimum && length <= table.maximum))
    return true;
  findings.problem(from.line, path + " has " + std::to_string(length) + " " + what + "; it must have " +
                                  std::to_string(table.minimum) + " to " + std::to_string(table.maximum));
  return false;
}

bool read_number(const option& table, measure how, const node& from, const std::string& path,
                 option_value& to, findings& findings) {
  const bounds limits{table.minimum, table.maximum};
  const bool bounded = table.minimum != 0 || table.maximum != 0;
  std::int64_t value = 0;
  if (!read_number(from, path, how, bounded ? &limits : nullptr, value, findings)) return false;
  to = value;
  return true;
}

bool read_value(const option& table, const node& from, const std::string& path, option_value& to,
                findings& findings) {
  switch (table.type) {
    case option_type::text: {
      std::string text;
      if (!read_text(from, path, text, findings)) return false;
      if (!within(table, static_cast<std::int64_t>(text.size()), from, path, "bytes", findings)) return false;
      to = std::move(text);
      return true;
    }
    case option_type::text_list: {
      std::vector<std::string> texts;
      if (!read_texts(from, path, texts, findings)) return false;
      if (!within(table, static_cast<std::int64_t>(texts.size()), from, path, "elements", findings))
        return false;
      to = std::move(texts);
      return true;
    }
    case option_type::flag: {
      bool flag = false;
      if (!read_flag(from, path, flag, findings)) return false;
      to = std::int64_t{flag ? 1 : 0};
      return true;
    }
    case option_type::integer:
      return read_number(table, measure::integer, from, path, to, findings);
    case option_type::duration:
      return read_number(table, measure::duration, from, path, to, findings);
    case option_type::size:
      return read_number(table, measure::size, from, path, to, findings);
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

// The loader has refused a plugin whose defaults are not values, so what cannot be read here is zero.
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

void find_unknown(const written_scanner& scanner, const description& plugin, findings& findings) {
  for (const auto& entry : scanner.options->entries)
    if (plugin.find_option(entry.key) == nullptr)
      findings.problem(entry.line,
                       "unknown option " + in_quotes(entry.key) + " in scanners." + scanner.settings.name +
                           ".options; " +
                           suggestion(entry.key, names_of(plugin), "the options of " + plugin.name + " are"));
}

}  // namespace

option_values resolve_options(const written_scanner& scanner, const description& plugin, const node* global,
                              findings& findings) {
  option_values values;
  if (scanner.options) find_unknown(scanner, plugin, findings);
  for (const auto& table : plugin.options) {
    auto& value = values[table.name] = default_of(table);
    // Both are checked, so that an overridden global one is not wrong unseen.
    if (global != nullptr)
      if (const auto* entry = global->find(table.name))
        read_value(table, *entry->value, "options." + table.name, value, findings);
    if (scanner.options)
      if (const auto* entry = scanner.options->find(table.name))
        read_value(table, *entry->value, "scanners." + scanner.settings.name + ".options." + table.name,
                   value, findings);
  }
  return values;
}

}  // namespace scanhost::config
