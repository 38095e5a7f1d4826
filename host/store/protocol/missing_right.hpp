// SPDX-License-Identifier: Apache-2.0
//
// What a NOPERM error of the server says: which right its user lacks, and the command that grants it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace scanhost::store {

// Whether the error says so; also of a command inside a script or function.
bool is_missing_right(std::string_view error) noexcept;

// "ACL SETUSER sweeper +hget"; with a placeholder for what the server did not name: servers before 7.2 do not
// name the user, and none names the key or channel. Precondition: is_missing_right(error).
std::string command_for_missing_right(std::string_view error);

// The error, and behind it what to do. Precondition: is_missing_right(error).
std::string with_missing_right(std::string_view error);

}  // namespace scanhost::store
