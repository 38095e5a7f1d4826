// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace scanhost::base {

// Opens /dev/null in place of each standard stream that the process was started without. Otherwise the next
// file to be opened gets its number, and what is meant for standard error is written into that file. Writing
// to standard output stays an error then, so that a command does not lose its result in silence.
//
// To be called before anything opens a file. False: errno tells why /dev/null cannot be opened.
bool open_missing_standard_streams() noexcept;

}  // namespace scanhost::base
