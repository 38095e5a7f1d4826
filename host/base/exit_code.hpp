// SPDX-License-Identifier: Apache-2.0
//
// Exit codes, after sysexits.h; documented in README.md.
#pragma once

#include "base/error.hpp"

namespace scanhost::base {

enum class exit_code : int {
  ok = 0,
  failed = 1,          // it ran and found something wrong
  usage = 64,          // EX_USAGE
  data = 65,           // EX_DATAERR
  no_input = 66,       // EX_NOINPUT
  unavailable = 69,    // EX_UNAVAILABLE
  software = 70,       // EX_SOFTWARE
  os = 71,             // EX_OSERR
  no_permission = 77,  // EX_NOPERM
  config = 78,         // EX_CONFIG
  stuck = 86           // shutdown had to abandon a stuck plugin thread
};

constexpr exit_code exit_code_of(errc code) noexcept {
  switch (code) {
    case errc::usage:
      return exit_code::usage;
    case errc::config:
      return exit_code::config;
    case errc::data:
      return exit_code::data;
    case errc::no_input:
      return exit_code::no_input;
    case errc::unavailable:
    case errc::missing:
    case errc::timed_out:
      return exit_code::unavailable;
    case errc::os:
      return exit_code::os;
    case errc::no_permission:
      return exit_code::no_permission;
    case errc::software:
      break;
  }
  return exit_code::software;
}

}  // namespace scanhost::base
