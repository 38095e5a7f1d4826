// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a text, as a sentence; whoever knows the line makes a problem of it. A type of its
// own, since an aggregate that begins with a text could be made of a bare one.
#pragma once

#include <string>

namespace scanhost::config {

struct fault {
  std::string text;
};

}  // namespace scanhost::config
