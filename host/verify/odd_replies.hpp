// SPDX-License-Identifier: Apache-2.0
//
// Replies of every kind, right or wrong.
#pragma once

#include "scanhost/testing/answer.hpp"

namespace scanhost::verify {

// The same command gets another kind of reply each time.
testing::answer_to odd_replies();

}  // namespace scanhost::verify
