// SPDX-License-Identifier: Apache-2.0
#include "config/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "config/fields.hpp"
#include "config/option_value.hpp"
#include "config/quantity.hpp"
#include "config/suggestion.hpp"

namespace scanhost::config {
namespace {

std::string_view describe(option_type type) {
  switch (type) {
    case option_type::integer:
      return "a whole number";
    case option_type::duration:
      return "a duration such as 1500ms, 2s or 5m";
    case option_type::size:
      return "a size such as 512, 64KiB or 1MiB";
    case option_type::flag:
      return "true or false";
    case option_type::real:
      return "a number such as 3, 0.5 or -1e-3";
    case option_type::choice:
      return "one of its choices";
    case option_type::text:
    case option_type::text_list:
      break;
  }
  return "a text";
}

bool is_number(option_type type) { return type == option_type::integer || type == option_type::real; }

bool take(value_or_problem value, const node& from, const std::string& path, option_value& to,
          diagnostics& diagnostics) {
  if (!value) {
    diagnostics.problem(from.line, fmt::format("{}: {}", path, value.error().reason));
    return false;
  }
  to = std::move(*value);
  return true;
}

bool read_value(const option& table, const node& from, const std::string& path, option_value& to,
                diagnostics& diagnostics) {
  if (table.type == option_type::text_list) {
    std::vector<std::string> texts;
    return read_texts(from, path, texts, diagnostics) &&
           take(make_list(table, std::move(texts)), from, path, to, diagnostics);
  }
  if (table.type == option_type::flag) {
    bool flag = false;
    if (!read_flag(from, path, flag, diagnostics)) return false;
    to = std::int64_t{flag ? 1 : 0};
    return true;
  }
  if (from.kind != node_kind::scalar) {
    diagnostics.problem(from.line,
                        fmt::format("{}: expected {}, found {}", path, describe(table.type), name_of(from)));
    return false;
  }
  if (from.quoted && is_number(table.type)) {
    diagnostics.problem(from.line, fmt::format("{}: expected {}, found a text; remove the quotes", path,
                                               describe(table.type)));
    return false;
  }
  return take(parse_value(table, from.text), from, path, to, diagnostics);
}

bool read_key(const option& table, const node* map, const std::string& path, option_value& to,
              diagnostics& diagnostics) {
  const auto* entry = map == nullptr ? nullptr : map->find(table.name);
  if (entry == nullptr) return false;
  read_value(table, *entry->value, path + "." + table.name, to, diagnostics);
  return true;
}

std::vector<std::string> keys_of(const description& plugin) {
  std::vector<std::string> names;
  for (const auto& table : plugin.options)
    for (auto& key : yaml_keys(table)) names.push_back(std::move(key));
  return names;
}

}  // namespace

option_reader::option_reader(const written_scanner& scanner, const description& plugin, const node* global,
                             secret_keys& secrets, diagnostics& diagnostics)
    : scanner_(scanner),
      plugin_(plugin),
      global_(global),
      secrets_(secrets),
      diagnostics_(diagnostics),
      path_(fmt::format("scanners.{}.options", scanner.settings.name)) {}

void option_reader::read(scanner_settings& to) {
  if (scanner_.options) find_unknown();
  for (const auto& table : plugin_.options) {
    if (table.secret)
      read_secret(table, to.secrets);
    else
      read_ordinary(table, to.options);
  }
}

void option_reader::find_unknown() const {
  const auto keys = keys_of(plugin_);
  for (const auto& entry : scanner_.options->entries) {
    const auto* table = plugin_.find_option(entry.key);
    const bool is_key = std::find(keys.begin(), keys.end(), entry.key) != keys.end();
    if (is_key || table != nullptr) continue;  // read_secret() refuses the name of a secret
    diagnostics_.problem(entry.line,
                         fmt::format("unknown option {} in {}; {}", in_quotes(entry.key), path_,
                                     suggestion(entry.key, keys, "the options of " + plugin_.name + " are")));
  }
}

// Both places are checked, so that a wrong global value is reported even where it is overridden.
void option_reader::read_ordinary(const option& table, option_values& to) {
  auto& value = to[table.name];
  // The loader refuses a plugin whose defaults cannot be read.
  if (auto usual = default_value(table); usual && !table.required) value = std::move(*usual);
  const bool global = read_key(table, global_, "options", value, diagnostics_);
  const bool own = read_key(table, scanner_.options.get(), path_, value, diagnostics_);
  require(table, global || own);
}

void option_reader::read_secret(const option& table, secret_values& to) {
  auto& value = to[table.name];
  const bool global = read_secret_in(table, global_, "options", value);
  const bool own = read_secret_in(table, scanner_.options.get(), path_, value);
  require(table, global || own);
}

// Whether the map has a key for it.
bool option_reader::read_secret_in(const option& table, const node* map, const std::string& path,
                                   base::secret& to) {
  if (map == nullptr) return false;
  const auto* plain = map->find(table.name);
  if (plain != nullptr)
    diagnostics_.problem(plain->line,
                         fmt::format("{}.{}: {}", path, table.name, advise_on_secret(table.name)));
  const map_entry* source = nullptr;
  for (const auto& key : yaml_keys(table))
    if (source == nullptr) source = map->find(key);
  if (auto secret = secrets_.read(map, path, table.name, diagnostics_)) {
    if (const auto fits = parse_value(table, secret->reveal()); !fits && source != nullptr)
      diagnostics_.problem(source->line, fmt::format("{}.{}: {}", path, source->key, fits.error().reason));
    to = std::move(*secret);
  }
  return plain != nullptr || source != nullptr;
}

void option_reader::require(const option& table, bool given) const {
  if (!table.required || given) return;
  const auto keys = yaml_keys(table);
  diagnostics_.problem(
      scanner_.line,
      fmt::format("scanner {} needs the option {}{}; set {}.{}{}", in_quotes(scanner_.settings.name),
                  in_quotes(table.name), table.help.empty() ? "" : fmt::format(" ({})", table.help), path_,
                  keys.front(), keys.size() > 1 ? " or " + keys.back() : ""));
}

}  // namespace scanhost::config
