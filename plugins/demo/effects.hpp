// SPDX-License-Identifier: Apache-2.0
//
// What must have become of an execution: the effects of the server-side functions, written from their
// contract and independently of the library that implements them. `when` is a moment of the run.
#pragma once

#include <string_view>

#include "execution.hpp"

namespace scanhost::demo {

void expect_promoted(const execution& e, const text& when = moment());
void expect_cancelled(const execution& e, std::string_view reason, const text& when = moment());
void expect_expired(const execution& e, std::string_view reason, const text& when = moment());
void expect_suspension_ended(const execution& e, std::string_view behavior, const text& when = moment());
void expect_unblocked(const execution& e, const text& when = moment());
void expect_skipped(const execution& e, const text& when = moment());  // an upstream execution failed

}  // namespace scanhost::demo
