// SPDX-License-Identifier: Apache-2.0
//
// What a store might answer, for plugins of which nothing is known: by the command alone, without data.
#pragma once

#include "scanhost/testing/answer.hpp"

namespace scanhost::verify {

// As a store with nothing in it.
testing::answer empty_store(const testing::call& asked);

// As a store in which every key exists: each index offers some candidates, each field has a value, each
// script and function changed one thing.
testing::answer full_store(const testing::call& asked);

// Replies of every kind, rightly or wrongly: the same command gets another one each time.
testing::answer_to odd_store();

// Does empty_store() know this command, so that its answer is what a server would say?
bool knows(const testing::call& asked);

}  // namespace scanhost::verify
