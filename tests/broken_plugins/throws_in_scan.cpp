// SPDX-License-Identifier: Apache-2.0
//
// Lets an exception out of its scan.
#include <stdexcept>

#define ON_SCAN(running) throw std::runtime_error("nobody catches this");
#include "sweep.h"

SWEEP(throws_in_scan)
