// SPDX-License-Identifier: Apache-2.0
//
// The form of a script or function in which the server lets it change nothing: EVAL_RO, EVALSHA_RO, FCALL_RO.
// A function has to be declared with `no-writes`; a script only fails once it tries to write. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "scanhost/store.h"

namespace scanhost::store {

// The words of that form; they point to those of the command. A script by handle is sent with its source.
// Precondition: the command runs a script or function.
std::vector<scanhost_string> read_only_form(const scanhost_command& command);

// Whether the server refused that form because it might change something.
bool is_refused_change(std::string_view error) noexcept;

}  // namespace scanhost::store
