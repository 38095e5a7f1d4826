// SPDX-License-Identifier: Apache-2.0
//
// What follows the '?' of a request's target, "for=2h&reason=a%20migration", and the parts of its path. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::admin {

// Names and values are percent-decoded; a '+' is a blank, as HTML forms and many clients write it. An error
// says what is wrong: a broken escape, a name without a value, a name that is given twice.
base::result<std::map<std::string, std::string>> parse_query(std::string_view query);

// The reverse, for one name or value. It can be a part of a path as well.
std::string encode_for_query(std::string_view text);

// One part of a path, percent-decoded; a '+' is itself.
base::result<std::string> decode_from_path(std::string_view part);

}  // namespace scanhost::admin
