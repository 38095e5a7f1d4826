// SPDX-License-Identifier: Apache-2.0
//
// What the child of a check gets over its standard input: as bytes, since a value may be a secret or any
// bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "verify/store_file.hpp"

namespace scanhost::verify {

struct check_input {
  config::option_values values;  // of options that were given, the secret ones in plain text: never show them
  store_commands store;          // that were given
};

std::string encode(const check_input& input);
// Nothing: they are not the bytes of encode().
std::optional<check_input> decode(std::string_view bytes);

}  // namespace scanhost::verify
