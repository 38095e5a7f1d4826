// SPDX-License-Identifier: Apache-2.0
#include "plugin/instance_settings.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <vector>

#include "config/option_value.hpp"

namespace scanhost::plugin {
namespace {

using json = nlohmann::json;

json to_json(const config::option_value& value) {
  return std::visit([](const auto& held) { return json(held); }, value);
}

config::option_value to_value(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array()) return value.get<std::vector<std::string>>();
  if (value.is_number_float()) return value.get<double>();
  return value.get<std::int64_t>();
}

}  // namespace

instance_settings settings_of(const config::scanner_settings& scanner) {
  instance_settings settings{scanner.name, scanner.interval, scanner.page_size, scanner.options};
  for (const auto& [name, secret] : scanner.secrets) settings.values[name] = secret.reveal();
  return settings;
}

instance_settings default_settings(const config::description& plugin) {
  instance_settings settings{plugin.name, plugin.default_interval, plugin.default_page_size,
                             config::default_values(plugin)};
  for (const auto& option : plugin.options)
    if (option.secret && !option.required) settings.values[option.name] = std::string();
  return settings;
}

base::redaction redaction_of(const config::description& plugin, const instance_settings& settings) {
  std::vector<base::secret> secrets;
  for (const auto& option : plugin.options) {
    const auto value = settings.values.find(option.name);
    if (!option.secret || value == settings.values.end()) continue;
    if (const auto* text = std::get_if<std::string>(&value->second)) secrets.emplace_back(*text);
  }
  return base::redaction(secrets);
}

// MessagePack, since the texts of JSON have to be UTF-8.
std::string encode(const instance_settings& settings) {
  json object{{"scanner", settings.scanner},
              {"interval_ms", settings.interval.count()},
              {"page_size", settings.page_size},
              {"values", json::object()}};
  for (const auto& [name, value] : settings.values) object["values"][name] = to_json(value);
  const auto bytes = json::to_msgpack(object);
  return {bytes.begin(), bytes.end()};
}

std::optional<instance_settings> decode(std::string_view bytes) try {
  const auto object = json::from_msgpack(bytes.begin(), bytes.end());
  instance_settings settings;
  object.at("scanner").get_to(settings.scanner);
  settings.interval = base::milliseconds(object.at("interval_ms").get<std::int64_t>());
  object.at("page_size").get_to(settings.page_size);
  for (const auto& [name, value] : object.at("values").items()) settings.values[name] = to_value(value);
  return settings;
} catch (const json::exception&) {
  return std::nullopt;
}

std::string read_input() {
  std::string input;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return input;
    input.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace scanhost::plugin
