// SPDX-License-Identifier: Apache-2.0
//
// What an instance learns of its scanner in `create`, and its way into a child process: as bytes over the
// standard input, since a value may be a secret or any bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/redaction.hpp"
#include "config/description.hpp"
#include "config/settings.hpp"

namespace scanhost::plugin {

struct instance_settings {
  std::string scanner;  // its name
  base::milliseconds interval{0};
  std::uint32_t page_size = 0;
  config::option_values values;  // of every option, the secret ones in plain text: never show them
};

instance_settings settings_of(const config::scanner_settings& scanner);

// With the defaults of the plugin; required options are left out.
instance_settings default_settings(const config::description& plugin);

// Takes out the values of the secret options.
base::redaction redaction_of(const config::description& plugin, const instance_settings& settings);

std::string encode(const instance_settings& settings);
// Nothing: they are not the bytes of encode().
std::optional<instance_settings> decode(std::string_view bytes);

// The whole standard input of this process.
std::string read_input();

}  // namespace scanhost::plugin
