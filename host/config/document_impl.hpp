// SPDX-License-Identifier: Apache-2.0
//
// What a document holds between its two steps.
#pragma once

#include <string>
#include <vector>

#include "config/load.hpp"
#include "config/resolve.hpp"

namespace scanhost::config {

class document_impl {
 public:
  std::string file;
  written_settings written;
  findings found;  // by the first step
  std::vector<problem> problems;
  std::vector<finding> resolve_warnings;  // by the last resolve()
};

}  // namespace scanhost::config
