// SPDX-License-Identifier: Apache-2.0
//
// When the host is ready, and what it says when it is not.
#include "admin/readiness.hpp"

#include <gmock/gmock.h>

#include "unit/admin/statuses.hpp"

namespace scanhost::admin {
namespace {

using runner::scanner_state;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> reasons(const runner::scanner_status& status) {
  return reasons_not_ready({status}, "");
}

TEST(readiness, is_given_when_every_scanner_is_connected_and_has_cycled) {
  EXPECT_THAT(reasons_not_ready({ready_scanner("a"), ready_scanner("b")}, ""), IsEmpty());
}

TEST(readiness, is_given_in_the_first_cycle) {
  auto status = ready_scanner();
  status.cycles = 0;
  status.state = scanner_state::cycling;
  EXPECT_THAT(reasons(status), IsEmpty());
}

TEST(readiness, waits_for_the_first_cycle) {
  auto status = ready_scanner();
  status.cycles = 0;
  EXPECT_THAT(reasons(status), ElementsAre("sweeper has not begun its first cycle"));
}

TEST(readiness, names_the_nodes_of_a_cluster_that_cannot_be_reached) {
  auto status = ready_scanner();
  status.store.state = store::connection_state::down;
  status.store.unreachable = {"10.0.0.2:6379", "10.0.0.3:6379"};
  status.store.last_error = "Connection refused";
  EXPECT_THAT(reasons(status), ElementsAre("sweeper cannot reach all of its partitions: 10.0.0.2:6379, "
                                           "10.0.0.3:6379: Connection refused"));
}

TEST(readiness, names_a_lost_connection_and_its_reason) {
  auto status = ready_scanner();
  status.store.state = store::connection_state::down;
  status.store.last_error = "connection refused";
  EXPECT_THAT(reasons(status), ElementsAre("sweeper has no connection to the store: connection refused"));
  status.state = scanner_state::starting;
  EXPECT_THAT(reasons(status), ElementsAre("sweeper has no connection to the store: connection refused"));
}

TEST(readiness, is_given_while_a_scanner_rests) {
  auto status = ready_scanner();
  status.cycles = 0;
  status.state = scanner_state::resting;
  status.waits_for = {scanner_state::resting, "the function f of the library 'x'"};
  EXPECT_THAT(reasons(status), IsEmpty());
}

TEST(readiness, names_the_functions_that_are_missing_and_what_to_do) {
  auto status = ready_scanner();
  status.state = scanner_state::functions_missing;
  status.waits_for = {scanner_state::functions_missing, "the function f of the library 'x'"};
  EXPECT_THAT(reasons(status), ElementsAre("sweeper misses the function f of the library 'x' on the server; "
                                           "run scanhost functions install"));
}

TEST(readiness, names_a_scanner_that_does_not_run) {
  auto status = ready_scanner();
  status.last_error = "it threw: oh";
  status.state = scanner_state::backing_off;
  EXPECT_THAT(reasons(status), ElementsAre("sweeper is backing_off: it threw: oh"));
  status.state = scanner_state::stuck;
  EXPECT_THAT(reasons(status), ElementsAre("sweeper is stuck: it threw: oh"));
  status.state = scanner_state::starting;
  EXPECT_THAT(reasons(status), ElementsAre("sweeper is starting"));
}

TEST(readiness, names_a_build_that_is_blocked) {
  auto status = ready_scanner();
  status.blocked = true;
  status.state = scanner_state::stopped;
  status.last_error = "rolled back: it crashed";
  EXPECT_THAT(reasons(status), ElementsAre("sweeper is not started, since its build is blocked: "
                                           "rolled back: it crashed"));
}

TEST(readiness, is_given_while_a_scanner_is_paused) {
  auto status = ready_scanner();
  status.paused = true;
  EXPECT_THAT(reasons(status), IsEmpty());
}

TEST(readiness, names_the_states_of_the_store_in_the_words_of_the_server) {
  auto status = ready_scanner();
  status.store_troubles.push_back({store::state::out_of_memory, "OOM command not allowed", "", 3, {}, {}});
  EXPECT_THAT(reasons(status), ElementsAre("sweeper is kept from its work by the store: the server is out of "
                                           "memory: OOM command not allowed"));
}

TEST(readiness, names_a_scanner_of_which_every_command_fails) {
  auto status = ready_scanner();
  status.failing = "WRONGTYPE Operation";
  EXPECT_THAT(reasons(status), ElementsAre("sweeper fails with every command: WRONGTYPE Operation"));
}

TEST(readiness, names_what_the_host_waits_for_first) {
  EXPECT_THAT(reasons_not_ready({}, "waiting for the store"), ElementsAre("waiting for the store"));
}

}  // namespace
}  // namespace scanhost::admin
