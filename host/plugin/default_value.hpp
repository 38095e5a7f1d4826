// SPDX-License-Identifier: Apache-2.0
//
// The default of an option as a value. Descriptors write defaults as YAML does.
#pragma once

#include "base/error.hpp"
#include "config/description.hpp"
#include "config/settings.hpp"

namespace scanhost::plugin {

// Why a default is refused: "'5 parsecs' is not a duration, such as 1500ms".
struct bad_default {
  std::string reason;
};
[[noreturn]] void throw_exception_from_error(const bad_default& problem, const boost::source_location&);

boost::system::result<config::option_value, bad_default> default_value(const config::option& option);

// The defaults of all options of a description that was checked.
config::option_values default_values(const config::description& description);

}  // namespace scanhost::plugin
