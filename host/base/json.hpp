// SPDX-License-Identifier: Apache-2.0
//
// JSON values as text. Texts in them come from plugins, servers and files: bytes that are not UTF-8 become
// the replacement character.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace scanhost::base {

// One line, with its newline: for the wire and for files.
std::string json_line(const nlohmann::json& value);
std::string json_line(const nlohmann::ordered_json& value);

// Indented by two spaces, with a newline at the end: for people.
std::string json_pretty(const nlohmann::json& value);
std::string json_pretty(const nlohmann::ordered_json& value);

}  // namespace scanhost::base
