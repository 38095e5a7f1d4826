// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <nlohmann/json.hpp>

namespace scanhost::base {
namespace {

constexpr int no_indent = -1;

template <class Json>
std::string json_text(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string json_line(const nlohmann::json& value) { return json_text(value, no_indent); }
std::string json_line(const nlohmann::ordered_json& value) { return json_text(value, no_indent); }
std::string json_pretty(const nlohmann::json& value) { return json_text(value, 2); }
std::string json_pretty(const nlohmann::ordered_json& value) { return json_text(value, 2); }

}  // namespace scanhost::base
