// SPDX-License-Identifier: Apache-2.0
//
// The parts that the measurements depend on.
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

#include "bench/raw_client.hpp"
#include "bench/statistics.hpp"
#include "support/private_server.hpp"

namespace scanhost::bench {
namespace {

TEST(medians, are_taken_of_each_figure_over_all_repeats) {
  const figure_list expected{{"a", 2}, {"b", 20}};
  EXPECT_EQ(medians({{{"a", 3}, {"b", 10}}, {{"a", 1}, {"b", 30}}, {{"a", 2}, {"b", 20}}}), expected);
}

TEST(medians, do_not_mix_figures_that_only_some_repeats_have) {
  const figure_list expected{{"a", 1}, {"b", 10}, {"c", 5}};
  EXPECT_EQ(medians({{{"a", 1}, {"b", 10}}, {{"b", 20}, {"c", 5}}}), expected);
}

TEST(raw_client, gives_up_on_a_server_that_sends_nothing) {
  test_support::private_server server;
  raw_client client(server.socket_path(), std::chrono::seconds(1));
  client.call({"MONITOR"});
  EXPECT_THROW(
      {
        try {
          while (true) client.read();
        } catch (const std::runtime_error& problem) {
          EXPECT_STREQ(problem.what(), "the server sent nothing for 1 s");
          throw;
        }
      },
      std::runtime_error);
}

}  // namespace
}  // namespace scanhost::bench
