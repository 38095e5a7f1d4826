// SPDX-License-Identifier: Apache-2.0
//
// Several scanners move at once: all of them, or none when one of the new generations cannot be made.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "runner/replacement.hpp"
#include "runner/scanner.hpp"

namespace scanhost::reload {

struct move {
  std::shared_ptr<runner::scanner> scanner;
  plan::scanner_plan plan;
  std::string outcome;  // for the history: reloaded, retuned, rolled_back
  std::string reason;
};

struct moved {
  std::shared_ptr<runner::scanner> scanner;
  base::result<runner::replaced> result;
};

// On a thread that may wait. `given_up`: the host is stopping.
std::vector<moved> swap_together(const std::vector<move>& moves, const std::atomic<bool>& given_up);

}  // namespace scanhost::reload
