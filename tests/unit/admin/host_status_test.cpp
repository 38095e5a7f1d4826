// SPDX-License-Identifier: Apache-2.0
//
// What the scanners say of the store, put together.
#include "admin/host_status.hpp"

#include <gtest/gtest.h>

#include "unit/admin/statuses.hpp"

namespace scanhost::admin {
namespace {

using store::connection_state;

runner::scanner_status connected_as(connection_state state, const std::string& error = {}) {
  auto scanner = ready_scanner();
  scanner.store.state = state;
  scanner.store.last_error = error;
  return scanner;
}

store_summary summary(const std::vector<runner::scanner_status>& scanners, host_facts facts = {}) {
  return judge_host(std::move(facts), scanners).store;
}

std::string availability(const std::vector<runner::scanner_status>& scanners) {
  return std::string(to_text(summary(scanners).availability));
}

TEST(host_status, the_store_is_up_when_every_scanner_is_connected) {
  EXPECT_EQ(availability({ready_scanner("a"), ready_scanner("b")}), "up");
  EXPECT_EQ(summary({ready_scanner("a")}).detail, "");
}

TEST(host_status, the_store_is_down_when_no_scanner_is_connected) {
  const auto away = connected_as(connection_state::down, "connection refused");
  EXPECT_EQ(availability({away, away}), "down");
  EXPECT_EQ(summary({away, away}).detail, "connection refused");
}

TEST(host_status, the_store_is_impaired_when_some_scanners_are_not_connected) {
  const auto found = summary({ready_scanner(), connected_as(connection_state::down, "connection refused")});
  EXPECT_EQ(to_text(found.availability), "impaired");
  EXPECT_EQ(found.detail, "1 of 2 scanners cannot reach all of it: connection refused");
}

TEST(host_status, the_store_is_impaired_when_a_part_of_it_cannot_be_reached) {
  auto cut_off = connected_as(connection_state::down);
  cut_off.store.unreachable = {"a node"};
  EXPECT_EQ(availability({cut_off}), "impaired");
}

TEST(host_status, the_store_is_impaired_while_it_refuses_commands) {
  auto kept = ready_scanner();
  kept.store_troubles.push_back({store::state::out_of_memory, "OOM command not allowed", "", 3, {}, {}});
  const auto found = summary({kept});
  EXPECT_EQ(to_text(found.availability), "impaired");
  EXPECT_EQ(found.detail, "the server is out of memory: OOM command not allowed");
}

TEST(host_status, the_store_is_connecting_while_nothing_is_known_to_be_wrong) {
  EXPECT_EQ(availability({ready_scanner(), connected_as(connection_state::connecting)}), "connecting");
  host_facts starting;
  starting.not_ready = "starting";
  EXPECT_EQ(to_text(summary({}, starting).availability), "connecting");
}

TEST(host_status, the_store_is_down_while_the_host_waits_for_it) {
  host_facts waiting;
  waiting.not_ready = waiting.waiting_for = "connection refused";
  const auto host = judge_host(waiting, {});
  EXPECT_EQ(to_text(host.store.availability), "down");
  EXPECT_EQ(host.store.detail, "connection refused");
  EXPECT_FALSE(host.ready);
}

TEST(host_status, scanners_that_do_not_run_say_nothing_of_the_store) {
  auto blocked = connected_as(connection_state::connecting);
  blocked.blocked = true;
  auto stopped = connected_as(connection_state::stopped);
  stopped.state = runner::scanner_state::stopped;
  EXPECT_EQ(availability({ready_scanner(), blocked, stopped}), "up");
}

TEST(host_status, is_ready_as_its_scanners_are) {
  EXPECT_TRUE(judge_host({}, {ready_scanner()}).ready);
  EXPECT_FALSE(judge_host({}, {ready_scanner(), connected_as(connection_state::down)}).ready);
}

}  // namespace
}  // namespace scanhost::admin
