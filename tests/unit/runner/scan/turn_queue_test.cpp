// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/turn_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>

#include "metrics/registry.hpp"
#include "runner/scan/scan_table.hpp"

namespace scanhost::runner {
namespace {

// Its client never connects, so that the store's clock stays unknown.
class turn_queue_test : public testing::Test {
 protected:
  // A scan that has done its first page and asks for its second.
  scan_ptr ask_for_second_page() {
    auto scan = table.add();
    limit.update(*scan);
    scan->passes.resize(1);
    scan->passes[0].ask(0);
    turn_request request;
    request.scan = scan;
    request.on_turn = [](void*, std::uint32_t) {};
    EXPECT_TRUE(queue.ask(std::move(request), 1));
    return scan;
  }

  boost::asio::io_context loop{1};
  wake_signal wake{loop, [] {}};
  metrics::registry metrics;
  store::client client{loop, {}, metrics, "test"};
  std::atomic<bool> abandoned{false};
  instance_health health{abandoned, wake};
  call_count count;
  plugin_calls calls{count};
  scan_table table;
  coarse_clock clock;
  concurrency limit{1};
  callbacks due{calls, table, limit, health, clock, wake};
  cycle_budget budget;
  turn_queue queue{{.drain = true, .page_size = 10, .budget = {}}, budget, client, limit, clock, due, wake};
};

TEST_F(turn_queue_test, counts_a_scan_whose_turn_waits_for_the_clock_as_working) {
  const auto first = ask_for_second_page();
  const auto second = ask_for_second_page();
  ASSERT_TRUE(limit.has_room());
  EXPECT_TRUE(queue.grant());
  EXPECT_TRUE(first->working);
  EXPECT_FALSE(second->working);
  EXPECT_FALSE(limit.has_room());
  EXPECT_FALSE(queue.grant());
}

TEST_F(turn_queue_test, does_not_blame_a_scan_for_the_time_before_its_turn_was_let_through) {
  const auto scan = ask_for_second_page();
  clock.read();
  const auto before = clock.now();
  EXPECT_TRUE(queue.grant());
  EXPECT_EQ(scan->progressed, before);
}

}  // namespace
}  // namespace scanhost::runner
