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

// The second line of a library that scanhost installs: `-- scanhost functions: <name> <version>`.
struct library_mark {
  std::string name;
  std::string version;
};

// The mark of a library's code; none: the second line is not a mark.
std::optional<library_mark> read_mark(std::string_view code);

// The name in the engine line: `#!lua name=<name>`; none: the first line is not an engine line.
std::optional<std::string> read_engine_name(std::string_view code);

// Compares versions run by run: digits as numbers, everything else as text. "12-scanhost.9" <
// "12-scanhost.10".
std::strong_ordering compare_versions(std::string_view left, std::string_view right);

// What `functions install` does about one library, depending on what the server has.
enum class install_step {
  load,         // there is none
  replace,      // there is an older one of ours
  keep_same,    // there is this very version
  keep_newer,   // there is a newer one of ours
  keep_foreign  // there is one without our mark: never touched
};
install_step decide_install(const std::optional<std::string>& on_server, std::string_view our_version);

}  // namespace scanhost::plan
