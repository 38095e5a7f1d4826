// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/fields.hpp"
#include "config/quantity.hpp"
#include "config/scanner_keys.hpp"
#include "config/sections.hpp"

namespace scanhost::config {
namespace {

constexpr std::size_t sha256_digits = 64;

bool lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool in_plugin_name(char c) noexcept { return lower(c) || digit(c) || c == '_'; }
bool in_suffix(char c) noexcept {
  return in_plugin_name(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '-';
}

bool plugin_name(std::string_view name) {
  return !name.empty() && lower(name.front()) && std::all_of(name.begin(), name.end(), in_plugin_name);
}

// [a-z][a-z0-9_]*(@[A-Za-z0-9_.-]+)?
bool scanner_name(std::string_view name) {
  const auto at = name.find('@');
  if (!plugin_name(name.substr(0, at))) return false;
  if (at == std::string_view::npos) return true;
  const auto suffix = name.substr(at + 1);
  return !suffix.empty() && std::all_of(suffix.begin(), suffix.end(), in_suffix);
}

// Reads the keys of one map of a scanner ("", "budget", "permissions" or "rate"), whatever their type.
class scanner_reader {
 public:
  scanner_reader(const fields& map, scanner_settings& to, diagnostics& diagnostics)
      : map_(map), to_(to), diagnostics_(diagnostics) {}

  void read(std::string_view map_name) {
    const auto prefix = map_name.empty() ? std::string() : std::string(map_name) + ".";
    for (const auto& key : scanner_keys()) {
      if (!key.name.starts_with(prefix)) continue;
      const auto name = key.name.substr(prefix.size());
      if (name.find('.') != std::string_view::npos) continue;
      std::visit([&](auto member) { read(name, key.range, value_of(to_, member)); }, key.member);
    }
  }

 private:
  void read(std::string_view key, bounds, bool& value) { map_.flag(key, value); }
  void read(std::string_view key, bounds, std::string& value) { map_.text(key, value); }
  void read(std::string_view key, bounds range, std::uint32_t& value) { map_.integer(key, range, value); }
  void read(std::string_view key, bounds range, std::uint64_t& value) { map_.integer(key, range, value); }
  void read(std::string_view key, bounds range, base::milliseconds& value) {
    map_.duration(key, range, value);
  }
  void read(std::string_view key, bounds range, std::optional<std::uint64_t>& value) {
    std::uint64_t number = 0;
    if (map_.integer(key, range, number)) value = number;
  }
  void read(std::string_view key, bounds range, std::optional<std::chrono::microseconds>& value) {
    std::chrono::microseconds latency{0};
    if (map_.latency(key, range, latency)) value = latency;
  }
  void read(std::string_view key, bounds range, byte_size& value) { map_.size(key, range, value.bytes); }
  void read(std::string_view key, bounds, std::optional<base::severity>& value) {
    std::string text;
    if (!map_.text(key, text)) return;
    value = base::severity_of(text);
    if (!value)
      diagnostics_.problem(map_.line(key), fmt::format("{}: expected {}, found {}", map_.path(key),
                                                       base::severity_names, in_quotes(text)));
  }
  void read(std::string_view key, bounds, run_condition& value) {
    bool runs = false, automatic = false;
    if (!map_.flag_or(key, to_text(run_condition::functions_exist), runs, automatic)) return;
    value =
        automatic ? run_condition::functions_exist : (runs ? run_condition::always : run_condition::never);
  }
  void read(std::string_view key, bounds, unload_policy& value) {
    read_choice(key, unload_policy::normal, unload_policy::never, value);
  }
  void read(std::string_view key, bounds, reload_policy& value) {
    read_choice(key, reload_policy::together, reload_policy::rolling, value);
  }
  void read(std::string_view key, bounds, std::vector<std::string>& value) { map_.texts(key, value); }
  void read(std::string_view, bounds, option_values&) {}     // need the table of the plugin
  void read(std::string_view, bounds, partition_counts&) {}  // need its families

  template <class Choice>
  void read_choice(std::string_view key, Choice first, Choice second, Choice& value) {
    std::string text;
    if (!map_.text(key, text)) return;
    if (text != to_text(first) && text != to_text(second))
      return diagnostics_.problem(
          map_.line(key), fmt::format("{}: expected {} or {}, found {}", map_.path(key), to_text(first),
                                      to_text(second), in_quotes(text)));
    value = text == to_text(first) ? first : second;
  }

  const fields& map_;
  scanner_settings& to_;
  diagnostics& diagnostics_;
};

void check_plugin(const fields& keys, const scanner_settings& scanner, diagnostics& diagnostics) {
  if (keys.find("plugin") == nullptr || plugin_name(scanner.plugin)) return;
  diagnostics.problem(
      keys.line("plugin"),
      fmt::format(
          "{}: expected a plugin's name, which is its file's without .so (lower-case letters, digits and '_', a letter first), found {}",
          keys.path("plugin"), in_quotes(scanner.plugin)));
}

// 0: not written.
void raise_interval(const fields& keys, base::milliseconds& interval, diagnostics& diagnostics) {
  if (interval.count() == 0 || interval >= min_interval) return;
  diagnostics.warning(keys.line("interval"),
                      fmt::format("{}: {} is below the minimum; {} is used", keys.path("interval"),
                                  format_duration(interval), format_duration(min_interval)));
  interval = min_interval;
}

void check_sha256(const fields& keys, std::string& sha256, diagnostics& diagnostics) {
  if (sha256.empty()) return;
  const auto written = sha256;
  for (auto& c : sha256)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  const bool hexadecimal =
      std::all_of(sha256.begin(), sha256.end(), [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); });
  if (sha256.size() == sha256_digits && hexadecimal) return;
  diagnostics.problem(
      keys.line("sha256"),
      fmt::format(
          "{}: expected the {} hexadecimal digits that sha256sum prints for the plugin's file, found {}",
          keys.path("sha256"), sha256_digits, in_quotes(written)));
}

// An empty list would allow nothing, or everything: nobody can tell which was meant.
void check_permissions(const fields& keys, const permission_settings& permissions, diagnostics& diagnostics) {
  const auto check = [&](std::string_view key, const std::vector<std::string>& list, const char* example) {
    if (keys.find(key) == nullptr) return;
    const bool blank = std::ranges::any_of(
        list, [](const std::string& text) { return text.find_first_not_of(' ') == std::string::npos; });
    if (!list.empty() && !blank) return;
    diagnostics.problem(
        keys.line(key),
        fmt::format("{}: expected a list of texts that are not empty, such as {}", keys.path(key), example));
  };
  check("commands", permissions.commands, "[ZRANGE, FCALL my_function]");
  check("key_prefixes", permissions.key_prefixes, "[\"session:\"]");
}

void check_rate(const fields& keys, const rate_settings& rate, diagnostics& diagnostics) {
  const auto problem = [&](std::string_view key, std::string_view message) {
    diagnostics.problem(keys.line(key), fmt::format("{}: {}", keys.path(key), message));
  };
  if (rate.target_latency && rate.commands_per_s)
    problem(
        "commands_per_s",
        "contradicts target_latency, which chooses the number itself; remove one of them, or write max_commands_per_s");
  for (const auto* key : {"min_commands_per_s", "max_commands_per_s"})
    if (keys.find("target_latency") == nullptr && keys.find(key) != nullptr)
      problem(key, "has no effect without target_latency; add that, or remove it");
  if (rate.min() > rate.max())
    problem(rate.max_commands_per_s ? "max_commands_per_s" : "min_commands_per_s",
            fmt::format("the minimum {} is larger than the maximum {}", rate.min(), rate.max()));
}

written_scanner read_scanner(const map_entry& entry, diagnostics& diagnostics) {
  const auto path = "scanners." + entry.key;
  const fields keys(section(&entry, path, diagnostics), path, scanner_key_names(), diagnostics);
  const fields budget(section(keys.find("budget"), keys.path("budget"), diagnostics), keys.path("budget"),
                      scanner_key_names("budget"), diagnostics);
  written_scanner scanner;
  auto& settings = scanner.settings;
  settings.name = entry.key;
  settings.plugin = entry.key.substr(0, entry.key.find('@'));
  scanner.line = entry.line;
  scanner.plugin_line = keys.find("plugin") == nullptr ? entry.line : keys.line("plugin");
  scanner_reader(keys, settings, diagnostics).read("");
  scanner_reader(budget, settings, diagnostics).read("budget");
  const fields permissions(section(keys.find("permissions"), keys.path("permissions"), diagnostics),
                           keys.path("permissions"), scanner_key_names("permissions"), diagnostics);
  scanner_reader(permissions, settings, diagnostics).read("permissions");
  check_permissions(permissions, settings.permissions, diagnostics);
  settings.rate = read_rate(keys.find("rate"), keys.path("rate"), diagnostics);
  check_plugin(keys, settings, diagnostics);
  raise_interval(keys, settings.interval, diagnostics);
  check_sha256(keys, settings.sha256, diagnostics);
  if (const auto* partitions = keys.find("partitions"))
    scanner.partitions = read_partitions(partitions->value.get(), keys.path("partitions"), diagnostics);
  scanner.options = read_options(keys.find("options"), keys.path("options"), diagnostics);
  return scanner;
}

}  // namespace

rate_settings read_rate(const map_entry* entry, const std::string& path, diagnostics& diagnostics) {
  const fields keys(section(entry, path, diagnostics), path, scanner_key_names("rate"), diagnostics);
  scanner_settings settings;
  scanner_reader(keys, settings, diagnostics).read("rate");
  check_rate(keys, settings.rate, diagnostics);
  return settings.rate;
}

std::vector<written_scanner> read_scanners(const node* from, diagnostics& diagnostics) {
  std::vector<written_scanner> scanners;
  if (from == nullptr) return scanners;
  for (const auto& entry : from->entries) {
    if (diagnostics.is_full()) return scanners;
    if (scanner_name(entry.key))
      scanners.push_back(read_scanner(entry, diagnostics));
    else
      diagnostics.problem(
          entry.line,
          fmt::format(
              "{} cannot be the name of a scanner; expected the name of its plugin (lower-case letters, digits and '_', a letter first), then optionally '@' and letters, digits, '_', '.' or '-'",
              in_quotes(entry.key)));
  }
  return scanners;
}

}  // namespace scanhost::config
