// SPDX-License-Identifier: Apache-2.0
//
// worker_registry_sweep under the scripted host: where registries are found, who counts as dead, and what
// failures count as.
#include "fake_set.hpp"
#include "scanner_test.hpp"

namespace ff::worker_registry_sweep_tests {
namespace {

using namespace testing;

class worker_registry_sweep : public scanner_test {
 protected:
  worker_registry_sweep() : scanner_test("worker_registry_sweep") {
    host.on("SCAN", array("0", array("ff:idx:acme:workers")));
    host.on("SSCAN", [this](const call& asked) { return workers.scan(asked.args); });
    host.on("EXISTS", 0);
    host.on("HMGET", array(nil(), nil()));
    host.on("EVAL", 1);
    workers.add("w1");
  }
  std::string heartbeat(int seconds_ago) const {
    return std::to_string(scanhost::to_ms(host.now()) - seconds_ago * 1000);
  }

  fake_set workers;
};

TEST_F(worker_registry_sweep, takes_a_worker_out_whose_keys_have_expired) {
  EXPECT_EQ(host.scan().result.processed, 1u);
  ASSERT_EQ(host.calls("EVAL").size(), 1u);
  const auto write = host.calls("EVAL").front();
  EXPECT_TRUE(write.acts());
  const std::vector<std::string> expected = {
      "3", "ff:worker:acme:w1:alive", "ff:worker:acme:w1:caps", "ff:idx:acme:workers", "", "w1"};
  EXPECT_EQ(std::vector<std::string>(write.args.begin() + 2, write.args.end()), expected);
}

TEST_F(worker_registry_sweep, reads_nothing_more_of_a_worker_that_is_alive) {
  host.on("EXISTS", 1);
  EXPECT_EQ(host.scan().result.processed, 0u);
  EXPECT_EQ(host.calls("HMGET").size() + host.calls("EVAL").size(), 0u);
}

TEST_F(worker_registry_sweep, takes_a_silent_worker_out_once_its_last_heartbeat_is_old) {
  host.on("HMGET", array(heartbeat(299), "w"));
  EXPECT_EQ(host.scan().result.processed, 0u);
  host.on("HMGET", array(heartbeat(300), "w"));
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(host.calls("EVAL").front().args[6], heartbeat(300));
}

TEST_F(worker_registry_sweep, keeps_a_worker_whose_last_heartbeat_is_no_time) {
  for (const auto& field : {nil(), value(""), value("yesterday")}) {
    host.on("HMGET", array(field, "w"));
    EXPECT_EQ(host.scan().result.errors, 1u);
  }
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(worker_registry_sweep, does_not_count_a_worker_that_came_back) {
  host.on("EVAL", 0);
  EXPECT_EQ(host.scan().result.processed, 0u);
}

TEST_F(worker_registry_sweep, keeps_a_worker_of_which_something_cannot_be_read) {
  for (const auto* command : {"EXISTS", "HMGET"}) {
    host.on(command, [](const call&) { return transient(); });
    EXPECT_EQ(host.scan().result.errors, 1u) << command;
    host.on(command, 0);
  }
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(worker_registry_sweep, takes_nobody_out_in_a_dry_run) {
  host.on("EVAL", [](const call&) { return held_back(); });
  EXPECT_EQ(host.scan().result.skipped, 1u);
}

TEST_F(worker_registry_sweep, sweeps_only_the_named_namespace_and_does_not_search) {
  host.set_option("namespace", "beta");
  for (int cycle = 0; cycle < 2; ++cycle) EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(host.calls("SCAN").size(), 0u);
  EXPECT_EQ(host.calls("SSCAN").at(1).args[1], "ff:idx:beta:workers");
}

TEST_F(worker_registry_sweep, counts_a_walk_that_fails_and_sweeps_what_it_knows) {
  host.scan();
  host.on("SCAN", [](const call&) { return transient(); });
  const auto report = host.scan();
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(report.result.processed, 1u);
}

TEST_F(worker_registry_sweep, remembers_the_registries_that_it_found) {
  host.on("SCAN", [](const call& asked) {
    return asked.args[1] == "0" ? array("5", array("ff:idx:acme:workers"))
                                : array("0", array(std::vector<value>{}));
  });
  host.grant([](const turn_request& asked) { return asked.pass == 0 && asked.page > 0 ? 0u : 500u; });
  for (int cycle = 1; cycle <= 3; ++cycle) {
    host.scan();
    EXPECT_EQ(host.calls("SSCAN").size(), static_cast<std::size_t>(cycle));
  }
}

TEST_F(worker_registry_sweep, forgets_a_registry_that_is_empty) {
  workers.remove("w1");
  host.scan();
  host.on("SCAN", array("0", array(std::vector<value>{})));
  host.scan();
  EXPECT_EQ(host.calls("SSCAN").size(), 1u);
}

TEST_F(worker_registry_sweep, takes_no_more_workers_out_than_its_turn_allows) {
  for (const auto* name : {"w2", "w3", "w4", "w5"}) workers.add(name);
  host.grant([](const turn_request& asked) {
    if (asked.pass == 0) return 500u;
    return asked.page < 2 ? 2u : 0u;
  });
  EXPECT_EQ(host.scan().result.processed, 4u);
  EXPECT_EQ(host.scan().result.processed, 3u);  // the rest of that page, then two of the next
  const auto writes = host.calls("EVAL");
  EXPECT_EQ(writes[4].args.back(), "w5");
}

}  // namespace
}  // namespace ff::worker_registry_sweep_tests
