// SPDX-License-Identifier: Apache-2.0
//
// What a store might answer to plugins about which nothing is known: depends only on the command, without
// data.
#pragma once

#include "scanhost/testing/answer.hpp"

namespace scanhost::verify {

// Answers as an empty store would.
testing::answer empty_store(const testing::call& asked);

// Answers as a store would in which every key exists: each index offers some candidates, each field has a
// value, each script and function changes one item.
testing::answer full_store(const testing::call& asked);

// Replies of every kind, right or wrong: the same command gets another kind each time.
testing::answer_to odd_store();

// Whether empty_store() knows this command, so that its answer is what a server would give.
bool knows(const testing::call& asked);

}  // namespace scanhost::verify
