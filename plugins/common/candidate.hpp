// SPDX-License-Identifier: Apache-2.0
//
// What an index offers to a scan, and what became of it: the SDK's words.
#pragma once

#include <scanhost/candidate.hpp>

namespace ff {

using scanhost::candidate;
using scanhost::fate;
using scanhost::page;

}  // namespace ff
