// SPDX-License-Identifier: Apache-2.0
//
// The keys of a scanner that belong to the host. Its options wait for the plugin's table.
#include <algorithm>

#include "config/fields.hpp"
#include "config/quantity.hpp"
#include "config/sections.hpp"

namespace scanhost::config {
namespace {

constexpr std::int64_t day = 86'400'000;
constexpr bounds intervals{1, 366 * day};
constexpr bounds page_sizes{1, 100'000};
constexpr bounds calls_of_a_cycle{1, 1'000'000'000'000};
constexpr bounds times_of_a_cycle{1, day};
constexpr bounds pages_of_a_pass{1, 1'000'000'000};
constexpr bounds scans_in_flight{0, 65'535};
constexpr bounds time_outs{10, day};
constexpr bounds drain_times{1, 600'000};
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

void read_plugin(const fields& keys, written_scanner& to, findings& findings) {
  to.settings.plugin = to.settings.name.substr(0, to.settings.name.find('@'));
  to.plugin_line = to.line;
  if (!keys.text("plugin", to.settings.plugin)) return;
  to.plugin_line = keys.line("plugin");
  if (!plugin_name(to.settings.plugin))
    findings.problem(
        to.plugin_line,
        keys.path("plugin") + ": " + in_quotes(to.settings.plugin) +
            " is not the name of a plugin, which is its file's without .so: small letters, digits and '_', a letter first");
}

void read_interval(const fields& keys, written_scanner& to, findings& findings) {
  base::milliseconds interval{0};
  if (!keys.duration("interval", intervals, interval)) return;
  if (interval < min_interval)
    findings.warning(keys.line("interval"), keys.path("interval") + ": " + format_duration(interval) +
                                                " is shorter than the shortest interval; " +
                                                format_duration(min_interval) + " is used");
  to.interval = std::max(interval, min_interval);
}

void read_budget(const fields& keys, budget& to, findings& findings) {
  const fields limits(section(keys.find("budget"), keys.path("budget"), findings), keys.path("budget"),
                      {"calls", "time", "pages"}, findings);
  limits.integer("calls", calls_of_a_cycle, to.calls);
  limits.duration("time", times_of_a_cycle, to.time);
  limits.integer("pages", pages_of_a_pass, to.pages);
}

void read_unload(const fields& keys, unload_policy& to, findings& findings) {
  std::string text;
  if (!keys.text("unload", text)) return;
  if (text != "normal" && text != "never")
    return findings.problem(keys.line("unload"),
                            keys.path("unload") + " takes normal or never, and here is " + in_quotes(text));
  to = text == "never" ? unload_policy::never : unload_policy::normal;
}

void read_reload(const fields& keys, reload_policy& to, findings& findings) {
  std::string text;
  if (!keys.text("reload", text)) return;
  if (text != "together" && text != "rolling")
    return findings.problem(
        keys.line("reload"),
        keys.path("reload") + " takes together or rolling, and here is " + in_quotes(text));
  to = text == "rolling" ? reload_policy::rolling : reload_policy::together;
}

void read_sha256(const fields& keys, std::string& to, findings& findings) {
  std::string text;
  if (!keys.text("sha256", text) || text.empty()) return;
  for (auto& c : text)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  const bool hexadecimal =
      std::all_of(text.begin(), text.end(), [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); });
  if (text.size() != sha256_digits || !hexadecimal)
    return findings.problem(
        keys.line("sha256"),
        keys.path("sha256") + " takes the " + std::to_string(sha256_digits) +
            " hexadecimal digits that sha256sum prints of the plugin's file, and here is " + in_quotes(text));
  to = std::move(text);
}

written_scanner read_scanner(const map_entry& entry, findings& findings) {
  const auto path = "scanners." + entry.key;
  const fields keys(
      section(&entry, path, findings), path,
      {"plugin", "enabled", "interval", "drain", "page_size", "budget", "concurrency", "scan_timeout",
       "hang_timeout", "drain_timeout", "unload", "reload", "sha256", "options"},
      findings);
  written_scanner to;
  to.settings.name = entry.key;
  to.line = entry.line;
  read_plugin(keys, to, findings);
  read_interval(keys, to, findings);
  std::uint32_t page_size = 0;
  if (keys.integer("page_size", page_sizes, page_size)) to.page_size = page_size;
  keys.flag("enabled", to.settings.enabled);
  keys.flag("drain", to.settings.drain);
  read_budget(keys, to.settings.budget, findings);
  keys.integer("concurrency", scans_in_flight, to.settings.concurrency);
  keys.duration("scan_timeout", time_outs, to.settings.scan_timeout);
  keys.duration("hang_timeout", time_outs, to.settings.hang_timeout);
  keys.duration("drain_timeout", drain_times, to.settings.drain_timeout);
  read_unload(keys, to.settings.unload, findings);
  read_reload(keys, to.settings.reload, findings);
  read_sha256(keys, to.settings.sha256, findings);
  to.options = read_options(keys.find("options"), keys.path("options"), findings);
  return to;
}

}  // namespace

std::vector<written_scanner> read_scanners(const node* from, findings& findings) {
  std::vector<written_scanner> scanners;
  if (from == nullptr) return scanners;
  for (const auto& entry : from->entries) {
    if (scanner_name(entry.key))
      scanners.push_back(read_scanner(entry, findings));
    else
      findings.problem(
          entry.line,
          in_quotes(entry.key) +
              " cannot be the name of a scanner: it is a plugin's name (small letters, digits, '_', a letter first), and for a second one '@' and letters, digits, '_', '.' or '-'");
  }
  return scanners;
}

}  // namespace scanhost::config
