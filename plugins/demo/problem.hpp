// SPDX-License-Identifier: Apache-2.0
//
// What ends the demo: a failure that it cannot go on after.
#pragma once

#include <stdexcept>

namespace scanhost::demo {

// Thrown where the demo cannot go on and caught in main alone: all that was started or created is
// undone on the way there by its owners. Its text says what, where and what to do.
struct problem : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace scanhost::demo
