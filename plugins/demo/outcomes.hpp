// SPDX-License-Identifier: Apache-2.0
//
// What must have become of an execution: the effects of each server-side function, told once more
// from its contract and independently of the library. Times are moments; `step` tells several
// changed executions of one record apart.
#pragma once

#include <string_view>

#include "execution.hpp"

namespace scanhost::demo {

void expect_lease_expired(world& w, const execution& e, unsigned step = 0);
void expect_promoted(world& w, const execution& e, unsigned step = 0);
void expect_cancelled(world& w, const execution& e, std::string_view reason, unsigned step = 0);
void expect_expired(world& w, const execution& e, std::string_view reason, unsigned step = 0);
void expect_suspension_ended(world& w, const execution& e, std::string_view behaviour, unsigned step = 0);
void expect_unblocked(world& w, const execution& e, unsigned step = 0);
void expect_satisfied(world& w, const execution& e, unsigned step = 0);  // its last dependency
void expect_skipped(world& w, const execution& e, unsigned step = 0);

}  // namespace scanhost::demo
