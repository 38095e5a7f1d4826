// SPDX-License-Identifier: Apache-2.0
//
// The command gate in front of plugins that know nothing of it.
#include <gmock/gmock.h>

#include <chrono>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

// Files with this name that the process has mapped.
std::size_t mapped_copies(const std::string& name) {
  std::ifstream maps("/proc/self/maps");
  std::set<std::string> files;
  for (std::string line; std::getline(maps, line);)
    if (const auto path = line.find('/');
        path != std::string::npos && line.find(name, path) != std::string::npos)
      files.insert(line.substr(path));
  return files.size();
}

class command_gate : public runner_test {
 protected:
  plan::scanner_plan sending(const std::string& commands) {
    auto chosen = plan("careless");
    chosen.settings.options["commands"] = commands;
    return chosen;
  }
  plan::scanner_plan dry(const std::string& commands) {
    auto chosen = sending(commands);
    chosen.settings.dry_run = true;
    return chosen;
  }
  // processed, skipped and errors of one cycle over four partitions.
  std::vector<std::uint64_t> counts(plan::scanner_plan chosen) {
    const auto reports = run(1, std::move(chosen));
    if (!reports) throw std::runtime_error(reports.error().message);
    const auto& sum = reports->front().counts;
    return {sum.processed, sum.skipped, sum.errors};
  }
  bool exists(const std::string& key) { return server_.call({"EXISTS", key}).integer == 1; }
  std::vector<std::string> audit() const {
    std::ifstream stream(file("audit"));
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  using figures = std::vector<std::uint64_t>;
};

TEST_F(command_gate, holds_back_writes_that_their_plugin_does_not_mark) {
  EXPECT_EQ(counts(dry("SET|@a|1;hset|@h|f|1;PUBLISH|@c|x;NO.SUCH|@a")), (figures{0, 16, 0}));
  EXPECT_FALSE(exists("{s:0}a"));
  EXPECT_FALSE(exists("{s:0}h"));
}

TEST_F(command_gate, sends_reads_in_their_order_among_what_it_holds_back) {
  server_.call({"SET", "{s:0}a", "1"});
  EXPECT_EQ(counts(dry("GET|@a;SET|@a|2;STRLEN|@a")), (figures{8, 4, 0}));
  EXPECT_EQ(server_.call({"GET", "{s:0}a"}).text, "1");
}

TEST_F(command_gate, lets_scripts_read_and_holds_back_those_that_try_to_write) {
  EXPECT_EQ(
      counts(dry("EVAL|return redis.call('get',KEYS[1])|1|@a;EVAL|return redis.call('set',KEYS[1],1)|1|@a")),
      (figures{4, 4, 0}));
  EXPECT_EQ(
      counts(dry("SCRIPT|return redis.call('get',KEYS[1])|@a;SCRIPT|return redis.call('set',KEYS[1],1)|@a")),
      (figures{4, 4, 0}));
  EXPECT_FALSE(exists("{s:0}a"));
}

TEST_F(command_gate, still_refuses_what_no_scanner_may_send) {
  EXPECT_EQ(counts(dry("MULTI;GET|@a")), (figures{4, 0, 4}));
}

TEST_F(command_gate, a_dry_run_puts_no_item_into_back_off) {
  const auto subject = scanner(dry("SET|@a|1"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles > 4; }));
  EXPECT_EQ(subject->status().items_in_back_off, 0u);
  EXPECT_GE(subject->status().held_back, 16u);
  EXPECT_EQ(metric("scanhost_scanner_dry_run{scanner=\"careless\"}"), 1);
  EXPECT_GE(metric("scanhost_held_back_total{scanner=\"careless\"}"), 16);
}

TEST_F(command_gate, a_dry_run_of_a_plugin_that_reads_its_first_page_again_and_again_ends) {
  seed(0, 25);
  auto chosen = plan("sweeps_due_blocking");
  chosen.settings.dry_run = true;
  chosen.settings.budget.time = 600s;
  ASSERT_TRUE(run(1, chosen));
  EXPECT_EQ(left(0), 25);
}

TEST_F(command_gate, refuses_what_permissions_do_not_allow_and_blames_no_item) {
  auto chosen = sending("SET|@a|1");
  chosen.settings.permissions.read_only = true;
  const auto subject = scanner(chosen);
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles > 4; }));
  const auto status = subject->status();
  EXPECT_EQ(status.items_in_back_off, 0u);
  EXPECT_EQ(status.totals.errors, 0u);
  EXPECT_GE(status.refused, 16u);
  EXPECT_THAT(status.failing,
              StartsWith("permissions: scanners.careless.permissions.read_only does not allow SET"));
  EXPECT_GE(metric("scanhost_permission_refusals_total{scanner=\"careless\"}"), 16);
  EXPECT_FALSE(exists("{s:0}a"));
}

TEST_F(command_gate, lets_a_read_only_scanner_run_scripts_that_read) {
  auto chosen =
      sending("SCRIPT|return redis.call('get',KEYS[1])|@a;SCRIPT|return redis.call('set',KEYS[1],1)|@a");
  chosen.settings.permissions.read_only = true;
  EXPECT_EQ(counts(chosen), (figures{4, 0, 4}));
  EXPECT_FALSE(exists("{s:0}a"));
}

TEST_F(command_gate, audits_each_command_that_may_change_something) {
  auto chosen = sending("GET|@a;SET|@a|1;SCRIPT|return redis.call('set',KEYS[1],2)|@a");
  chosen.settings.audit.file = file("audit");
  EXPECT_EQ(counts(chosen), (figures{12, 0, 0}));
  const auto lines = audit();
  ASSERT_EQ(lines.size(), 8u);
  for (const auto& line : lines) EXPECT_THAT(line, HasSubstr("\"outcome\":\"reply\",\"held_back\":false"));
}

// Lines that one thread allocates and another frees would count as memory of the scanner.
TEST_F(command_gate, the_audit_is_not_taken_for_a_leak_of_the_scanner) {
  std::string commands = "SET|@a|1";
  for (int i = 1; i < 50; ++i) commands += ";SET|@a|1";
  auto chosen = sending(commands);
  chosen.settings.audit.file = file("audit");
  const auto subject = scanner(chosen);
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= 5; }));
  const auto before = subject->status().memory_bytes;
  if (!before) GTEST_SKIP() << "the allocator counts no memory here";
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= 25; }));
  EXPECT_LT(subject->status().memory_bytes.value() - *before, 256 << 10);
  EXPECT_GE(audit().size(), 5000u);
}

// The first scanner starts the thread that writes for all; it stays when that scanner ends.
TEST_F(command_gate, the_thread_of_the_audit_is_not_taken_for_one_that_the_plugin_left) {
  auto chosen = sending("SET|@a|1");
  chosen.settings.audit.file = file("audit");
  const auto first = scanner(chosen);
  first->start(0ms);
  ASSERT_TRUE(eventually([&] { return first->status().cycles > 0; }));
  chosen.settings.name = "careless@2";
  const auto second = scanner(chosen);
  second->start(0ms);
  ASSERT_TRUE(eventually([&] { return second->status().cycles > 0; }));
  first->request_stop();
  first->join(base::steady::now() + 60s, 1s);
  EXPECT_EQ(mapped_copies("careless"), 1u);
}

TEST_F(command_gate, audits_nothing_for_scripts_that_could_not_write) {
  auto chosen = dry("SCRIPT|return 1|@a;SET|@a|1");
  chosen.settings.audit.file = file("audit");
  EXPECT_EQ(counts(chosen), (figures{4, 4, 0}));
  const auto lines = audit();
  ASSERT_EQ(lines.size(), 4u);
  for (const auto& line : lines) EXPECT_THAT(line, HasSubstr("\"held_back\":true"));
}

}  // namespace
}  // namespace scanhost::test
