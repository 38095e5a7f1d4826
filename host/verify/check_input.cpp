// SPDX-License-Identifier: Apache-2.0
#include "verify/check_input.hpp"

#include <nlohmann/json.hpp>

#include "plugin/instance_settings.hpp"

namespace scanhost::verify {

using nlohmann::json;

// MessagePack, since the texts of JSON have to be UTF-8.
std::string encode(const check_input& input) {
  plugin::instance_settings settings;
  settings.values = input.values;
  const auto bytes = json::to_msgpack(json{{"settings", plugin::encode(settings)}, {"store", input.store}});
  return {bytes.begin(), bytes.end()};
}

std::optional<check_input> decode(std::string_view bytes) try {
  const auto object = json::from_msgpack(bytes.begin(), bytes.end());
  auto settings = plugin::decode(object.at("settings").get<std::string>());
  if (!settings) return std::nullopt;
  return check_input{std::move(settings->values), object.at("store").get<store_commands>()};
} catch (const json::exception&) {
  return std::nullopt;
}

}  // namespace scanhost::verify
