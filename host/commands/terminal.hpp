// SPDX-License-Identifier: Apache-2.0
//
// What standard output is connected to.
#pragma once

#include <cstddef>

#include "base/environment.hpp"

namespace scanhost::commands {

struct terminal {
  bool present = false;       // standard output is one; a file or a pipe is not
  bool colors = false;        // it shows colours, and NO_COLOR (https://no-color.org) is not set
  std::size_t columns = 100;  // characters in a line
  std::size_t rows = 0;       // lines; 0: any number
};

// Whether a terminal is to be written to in colours. Pure.
bool wants_colors(const base::environment& variables);

// As it is now: its size changes with the window.
terminal standard_output();

}  // namespace scanhost::commands
