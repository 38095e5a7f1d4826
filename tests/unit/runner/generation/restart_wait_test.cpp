// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/restart_wait.hpp"

#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

using namespace std::chrono_literals;

TEST(restart_wait, doubles_from_one_second_to_thirty) {
  restart_wait wait;
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) EXPECT_EQ(wait.failed(), expected);
}

TEST(restart_wait, starts_over_after_a_good_cycle) {
  restart_wait wait;
  wait.failed();
  wait.failed();
  wait.succeeded();
  EXPECT_EQ(wait.failed(), 1s);
}

}  // namespace
}  // namespace scanhost::runner
