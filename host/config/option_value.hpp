// SPDX-License-Identifier: Apache-2.0
//
// The values of a plugin's options: from texts as they stand in YAML, and back; held to the type, the bounds
// and the choices of the plugin's table. Pure.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <vector>

#include "config/description.hpp"
#include "config/settings.hpp"

namespace scanhost::config {

// Why a text is no value of an option: "'5 parsecs' is not a duration; write one such as 1500ms, ...".
struct bad_value {
  std::string reason;
};
[[noreturn]] void throw_exception_from_error(const bad_value& problem, const boost::source_location&);

using value_or_problem = boost::system::result<option_value, bad_value>;

// Of one text; of a list: its only element.
value_or_problem parse_value(const option& table, const std::string& text);

// Of a list.
value_or_problem make_list(const option& table, std::vector<std::string> elements);

// Without a default: an empty text, an empty list, 0, false, or the first choice.
value_or_problem default_value(const option& table);

// The defaults of all options of a description that was checked, required and secret ones left out.
option_values default_values(const description& plugin);

// A value that a plugin may well take, for a required option that nobody gave a value.
option_value invent_value(const option& table);

// As it would stand in YAML: "1500ms", "[a, b]", "'with blanks'". Never for a secret.
std::string format_value(const option& table, const option_value& value);

// "[a, b]"
std::string format_list(const std::vector<std::string>& list);

// The bounds of an option as text: "from 1 to 3", "up to 5m"; empty: it has none.
std::string format_bounds(const option& table);

// The keys that give the option in YAML: its name, or of a secret `<name>_file` and `<name>_env`.
std::vector<std::string> yaml_keys(const option& table);

}  // namespace scanhost::config
