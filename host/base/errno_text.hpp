// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace scanhost::base {

// The system's text for a value of errno: "No such file or directory". Thread safe.
std::string errno_text(int number);

}  // namespace scanhost::base
