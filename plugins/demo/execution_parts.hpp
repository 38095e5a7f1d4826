// SPDX-License-Identifier: Apache-2.0
//
// What the states of an execution have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "execution.hpp"

namespace scanhost::demo {

// The seven dimensions of the state, and the label derived from them.
struct vector_of_states {
  std::string_view phase, ownership, eligibility, reason, outcome, attempt, label;
};

void set_states(world& w, const execution& e, const vector_of_states& now, std::string detail = {});
void moved(world& w, const execution& e, std::int64_t when);
// The attempt's own records, its output included, and what the execution says of its attempts.
void write_attempt(world& w, const execution& e, dice& chance);
void count_attempt(world& w, const execution& e);

}  // namespace scanhost::demo
