// SPDX-License-Identifier: Apache-2.0
//
// The YAML loader. Any text gives settings or problems; every problem has a line of the file and a message
// of one line. Settings that are written as YAML again load as the same settings.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/utf8.hpp"
#include "config/addresses.hpp"
#include "config/load.hpp"
#include "config/option_value.hpp"
#include "config/print.hpp"
#include "config/quantity.hpp"
#include "config/reference.hpp"
#include "config/scanner_keys.hpp"
#include "fuzz.hpp"

namespace {

using namespace scanhost;
using fuzz::require;

// --- the plugins that the files may name

config::description sweeper() {
  config::description plugin;
  plugin.name = "sweeper";
  plugin.version = "1.2.3";
  plugin.families = {{"flow", "{shard:*}", 256, "config", "partitions"}, {"budget", "{b:*}", 32}};
  plugin.default_interval = base::milliseconds(1500);
  plugin.default_page_size = 50;
  plugin.options = {
      {.name = "namespace", .type = config::option_type::text, .help = "Only this.", .maximum = 10},
      {.name = "queues", .type = config::option_type::text_list, .maximum = 3, .default_values = {"default"}},
      {.name = "attempts", .type = config::option_type::integer, .default_value = "3", .minimum = -5},
      {.name = "grace", .type = config::option_type::duration, .default_value = "2s"},
      {.name = "chunk", .type = config::option_type::size, .default_value = "64KiB"},
      {.name = "strict", .type = config::option_type::flag, .default_value = "true"},
      {.name = "share", .type = config::option_type::real, .default_value = "0.5", .real_maximum = 1e9},
      {.name = "mode", .type = config::option_type::choice, .choices = {"slow", "fast"}}};
  return plugin;
}

config::description lister() {
  config::description plugin;
  plugin.name = "lister";
  plugin.version = "0.1.0";
  plugin.families = {{.name = "tenants",
                      .tag_pattern = "{t:*}",
                      .members = config::member_source::option,
                      .members_from = "tenants"}};
  plugin.default_interval = base::milliseconds(60'000);
  plugin.default_page_size = 1;
  plugin.options = {{.name = "tenants", .type = config::option_type::text_list, .required = true},
                    {.name = "token", .type = config::option_type::text, .secret = true}};
  return plugin;
}

const std::map<std::string, config::description>& tables() {
  static const std::map<std::string, config::description> known{{"sweeper", sweeper()}, {"lister", lister()}};
  return known;
}

// --- settings as YAML

std::string yaml_text(std::string_view text) {
  std::string yaml = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      yaml += {'\\', c};
    else if (byte < 0x20 || byte == 0x7f)
      yaml += fmt::format("\\x{:02x}", byte);
    else
      yaml += c;
  }
  return yaml + "\"";
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string yaml;
  for (const auto& text : texts) yaml += (yaml.empty() ? "" : ", ") + yaml_text(text);
  return "[" + yaml + "]";
}

std::string shown(bool value) { return value ? "true" : "false"; }
std::string shown(std::uint32_t value) { return std::to_string(value); }
std::string shown(std::uint64_t value) { return std::to_string(value); }
std::string shown(const std::string& value) { return value.empty() ? "" : yaml_text(value); }
std::string shown(const std::vector<std::string>& value) { return value.empty() ? "" : list_of(value); }
std::string shown(base::milliseconds value) { return config::format_duration(value); }
std::string shown(config::byte_size value) {
  return value.bytes == 0 ? "" : config::format_size(value.bytes);
}
std::string shown(std::optional<base::severity> value) {
  return value ? std::string(base::to_text(*value)) : "";
}
std::string shown(std::optional<std::uint64_t> value) { return value ? std::to_string(*value) : ""; }
std::string shown(std::optional<std::chrono::microseconds> value) {
  return value ? config::format_latency(*value) : "";
}
std::string shown(config::run_condition value) { return std::string(config::to_text(value)); }
std::string shown(config::unload_policy value) { return std::string(config::to_text(value)); }
std::string shown(config::reload_policy value) { return std::string(config::to_text(value)); }
std::string shown(const config::partition_counts& counts) {
  std::string yaml;
  for (const auto& [family, count] : counts)
    yaml += fmt::format("{}{}: {}", yaml.empty() ? "" : ", ", yaml_text(family), count);
  return yaml.empty() ? "" : "{" + yaml + "}";
}
std::string shown(const config::option_values&) { return ""; }  // see options_of

std::string value_of_option(const config::option& table, const config::option_value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return yaml_text(*text);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return list_of(*list);
  return config::format_value(table, value);
}

std::string options_of(const config::scanner_settings& scanner) {
  const auto& plugin = tables().at(scanner.plugin);
  std::string yaml;
  for (const auto& [name, value] : scanner.options)
    yaml += fmt::format("      {}: {}\n", name, value_of_option(*plugin.find_option(name), value));
  return yaml.empty() ? "" : "    options:\n" + yaml;
}

std::string scanner_of(const config::scanner_settings& scanner) {
  std::string keys;
  std::map<std::string, std::string, std::less<>> maps;
  for (const auto& key : config::scanner_keys()) {
    const auto text =
        std::visit([&](auto member) { return shown(config::value_of(scanner, member)); }, key.member);
    if (text.empty()) continue;
    const auto dot = key.name.find('.');
    if (dot == std::string_view::npos)
      keys += fmt::format("    {}: {}\n", key.name, text);
    else
      maps[std::string(key.name.substr(0, dot))] +=
          fmt::format("      {}: {}\n", key.name.substr(dot + 1), text);
  }
  for (const auto& [name, entries] : maps) keys += fmt::format("    {}:\n{}", name, entries);
  return fmt::format("  {}:\n{}{}", yaml_text(scanner.name), keys, options_of(scanner));
}

std::string plugins_of(const config::plugin_settings& plugins) {
  std::vector<std::string> path;
  for (const auto& folder : plugins.path) path.push_back(folder.string());
  return fmt::format(
      "plugins:\n  path: {}\n  staging: {}\n  watch: {}\n  allow_needed: {}\n  check_owner: {}\n"
      "  probation: {}\n  error_margin: {}\n  crash_limit: {}\n",
      list_of(path), yaml_text(plugins.staging.string()), plugins.watch, list_of(plugins.allow_needed),
      plugins.check_owner, plugins.probation, plugins.error_margin, plugins.crash_limit);
}

std::string admin_of(const config::admin_settings& admin) {
  const bool six = admin.address.find(':') != std::string::npos;
  const auto listen = six ? fmt::format("[{}]:{}", admin.address, admin.port)
                          : fmt::format("{}:{}", admin.address, admin.port);
  auto yaml =
      fmt::format("admin:\n  listen: {}\n  host_names: {}\n  control: {}\n",
                  yaml_text(admin.enabled ? listen : "none"), list_of(admin.host_names), admin.control);
  if (!admin.socket_enabled) yaml += "  socket: none\n";
  if (admin.socket_configured) yaml += fmt::format("  socket: {}\n", yaml_text(admin.socket.string()));
  return yaml;
}

std::string store_of(const config::store_settings& store) {
  return fmt::format(
      "store:\n  url: {}\n  username: {}\n  connect_timeout: {}\n  command_timeout: {}\n  max_in_flight: {}\n",
      yaml_text(store.url), yaml_text(store.username), shown(store.connect_timeout),
      shown(store.command_timeout), store.max_in_flight);
}

std::string rate_of(const config::rate_settings& rate) {
  std::string yaml;
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) yaml += fmt::format("    {}: {}\n", key, value);
  };
  add("commands_per_s", shown(rate.commands_per_s));
  add("target_latency", shown(rate.target_latency));
  add("min_commands_per_s", shown(rate.min_commands_per_s));
  add("max_commands_per_s", shown(rate.max_commands_per_s));
  return yaml.empty() ? "" : "  rate:\n" + yaml;
}

std::string run_of(const config::run_settings& run) {
  return fmt::format("run:\n  dry_run: {}\n  audit:\n    file: {}\n    max_size: {}\n    max_files: {}\n",
                     run.dry_run, yaml_text(run.audit.file.string()), config::format_size(run.audit.max_size),
                     run.audit.max_files) +
         rate_of(run.rate);
}

std::string to_yaml(const config::settings& settings) {
  auto yaml = store_of(settings.store) + plugins_of(settings.plugins) + run_of(settings.run) +
              admin_of(settings.admin);
  if (const auto counts = shown(settings.partitions); !counts.empty())
    yaml += fmt::format("partitions: {}\n", counts);
  yaml += "scanners:\n";
  for (const auto& scanner : settings.scanners) yaml += scanner_of(scanner);
  return yaml;
}

// --- the properties

bool for_people(std::string_view line) {
  while (!line.empty()) {
    const auto length = base::utf8_character(line);
    if (length == 0 || static_cast<unsigned char>(line.front()) < ' ') return false;
    line.remove_prefix(length);
  }
  return true;
}

void check(const std::vector<config::problem>& problems, std::string_view text) {
  const auto lines = std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r');
  require(problems.size() <= 101, "the problems of a file have a limit");
  for (const auto& problem : problems) {
    require(problem.line >= 1 && problem.line <= lines + 2, "a problem has a line of the file",
            config::to_text({problem}));
    require(!problem.message.empty() && for_people(problem.message), "a problem is one line of text",
            config::to_text({problem}));
  }
}

void check_scanners(const config::document& document, const config::settings& settings) {
  for (const auto& scanner : settings.scanners) {
    const auto alone = document.resolve_scanner(scanner.name, tables().at(scanner.plugin));
    require(alone.has_value(), "a scanner of a right file is right alone");
    require(find_differences(*alone, scanner).empty() && alone->options == scanner.options,
            "a scanner alone has the same settings");
    require(document.plugin_of(scanner.name) == scanner.plugin, "a scanner has the plugin of its settings");
    require(!config::settings_json(scanner).dump().empty(), "the settings of a scanner are JSON");
  }
}

void check_round_trip(const config::settings& settings) {
  const auto written = to_yaml(settings);
  const config::document again(written, "again.yaml", "/nonexistent");
  const auto read = again.resolve(tables(), {});
  if (!read)
    require(false, "settings that are written as YAML load", config::to_text(read.error()) + "\n" + written);
  require(to_yaml(*read) == written, "settings that are written as YAML load as the same",
          written + "\n--- became\n" + to_yaml(*read));
}

// The authorities of the system take longer to read than anything else does.
bool without_authorities() {
  return ::setenv("SSL_CERT_FILE", "/dev/null", 1) == 0 && ::setenv("SSL_CERT_DIR", "/nonexistent", 1) == 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool prepared = without_authorities();
  require(prepared, "the environment can be changed");
  const std::string text(fuzz::text_of(data, size));
  const config::document document(text, "scanhost.yaml", "/nonexistent");
  check(document.problems(), text);
  for (const auto& warning : config::lines_of(document.warnings()))
    require(for_people(warning), "a warning is one line of text");
  check({document.problem_of("sweeper", "queues", "is wrong"), document.problem_of("lister", "", "fails")},
        text);
  document.never_unloaded_plugins();
  std::map<std::string, std::string> missing;
  for (const auto& plugin : document.wanted_plugins())
    if (!tables().contains(plugin)) missing.emplace(plugin, "it was not found");
  const auto settings = document.resolve(tables(), missing);
  config::to_text(config::read_reference(text));
  if (settings) {
    require(document.problems().empty(), "a file with problems has no settings");
    check_scanners(document, *settings);
    check_round_trip(*settings);
  } else {
    require(!settings.error().empty(), "a file without settings has problems");
    check(settings.error(), text);
  }
  return 0;
}
