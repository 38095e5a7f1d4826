// SPDX-License-Identifier: Apache-2.0
//
// A library of server-side functions as text: its mark and its version. Pure.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::plan {

// The second line of a library of ours: `-- scanhost functions: <name> <version>`.
struct library_mark {
  std::string name;
  std::string version;
};

// The mark of a library's code; none where the second line is not one.
std::optional<library_mark> read_mark(std::string_view code);

// The name in the engine line: `#!lua name=<name>`; none where the first line is not one.
std::optional<std::string> read_engine_name(std::string_view code);

// Compares versions run by run: digits as numbers, everything else as text. "12-scanhost.9" <
// "12-scanhost.10".
std::strong_ordering compare_versions(std::string_view left, std::string_view right);

// What `functions install` does about one library, by the code that the server holds (none: not there).
enum class install_step {
  load,         // it is not there
  replace,      // an older one of ours is there
  keep_same,    // this very version is there
  keep_newer,   // a newer one of ours is there
  keep_foreign  // one without our mark is there: never touched
};
install_step decide_install(const std::optional<std::string>& on_server, std::string_view wanted_version);

}  // namespace scanhost::plan
