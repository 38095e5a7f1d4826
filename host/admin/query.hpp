// SPDX-License-Identifier: Apache-2.0
//
// What follows the '?' of a request's target: "for=2h&reason=a%20migration". Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::admin {

// Names and values are percent-decoded; a '+' is a blank, as HTML forms and many clients write it. An error
// says what is wrong: a broken escape, a name without a value, a name that is given twice.
base::result<std::map<std::string, std::string>> parse_query(std::string_view query);

// The reverse, for one name or value.
std::string encode_for_query(std::string_view text);

}  // namespace scanhost::admin
