// SPDX-License-Identifier: Apache-2.0
//
// Bytes that came from a store or a plugin as text that can be shown anywhere, and that can be turned back.
#pragma once

#include <string>
#include <string_view>

namespace scanhost::base {

// Printable UTF-8 on one line: control characters and bytes that are not UTF-8 become \x and two hexadecimal
// digits, and a backslash becomes two.
std::string escaped(std::string_view bytes);

// The reverse. A backslash that begins neither form stays as it is.
std::string unescaped(std::string_view text);

}  // namespace scanhost::base
