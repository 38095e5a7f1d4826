// SPDX-License-Identifier: Apache-2.0
//
// A reply of FUNCTION LIST as plain values. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "scanhost/types.h"

namespace scanhost::plan {

struct listed_library {
  std::string name;
  std::string code;  // empty: it was not asked for (WITHCODE)
  std::set<std::string> functions;
};

// The libraries of a reply; what does not look like one is left out.
std::vector<listed_library> libraries_of(const scanhost_reply& list);

}  // namespace scanhost::plan
