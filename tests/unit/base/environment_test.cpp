// SPDX-License-Identifier: Apache-2.0
#include "base/environment.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace scanhost::base {
namespace {

TEST(environment, tells_an_empty_variable_from_a_missing_one) {
  ::setenv("SCANHOST_TEST_EMPTY", "", 1);
  EXPECT_EQ(process_environment("SCANHOST_TEST_EMPTY"), "");
  EXPECT_EQ(process_environment("SCANHOST_TEST_MISSING"), std::nullopt);
}

}  // namespace
}  // namespace scanhost::base
