// SPDX-License-Identifier: Apache-2.0
//
// Sweeps: the page loop of a scanner, over sorted sets (sorted_set_sweep) or along a cursor (cursor_sweep).
// All that most scanners include.
#pragma once

#include "cursor_sweep.hpp"
#include "scanner.hpp"
#include "sorted_set_sweep.hpp"
