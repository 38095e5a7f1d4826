// SPDX-License-Identifier: Apache-2.0
//
// Text for the source of a manual page. Pure.
#pragma once

#include <string>
#include <string_view>

namespace scanhost::base {

// A line of plain text, so that man(1) shows it as it is.
std::string troff_line(std::string_view text);

}  // namespace scanhost::base
