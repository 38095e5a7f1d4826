// SPDX-License-Identifier: Apache-2.0
//
// The paging rule over one sorted set, which is the SDK's.
#pragma once

#include <scanhost/sorted_set_walk.hpp>

#include "common/candidate.hpp"

namespace ff {

using scanhost::due_rule;
using scanhost::index_memory;
using scanhost::place;
using index_walk = scanhost::sorted_set_walk;

}  // namespace ff
