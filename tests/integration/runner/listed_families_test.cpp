// SPDX-License-Identifier: Apache-2.0
//
// Families whose members are listed: by an option, by a key in the store, or by the plugin.
#include <gmock/gmock.h>

#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class listed_families : public runner_test {
 protected:
  plan::scanner_plan plan_of(const std::string& members) {
    auto plan = runner_test::plan("sweeps_members_" + members);
    plan.settings.options["queues"] = std::vector<std::string>();
    return plan;
  }
  plan::scanner_plan plan_with_option(std::vector<std::string> queues) {
    auto plan = plan_of("from_option");
    plan.settings.options["queues"] = std::move(queues);
    return plan;
  }

  // Makes the key with the members a set of these.
  void list(const std::vector<std::string>& members) {
    server_.call({"DEL", "all:queues"});
    std::vector<std::string> add{"SADD", "all:queues"};
    add.insert(add.end(), members.begin(), members.end());
    if (!members.empty()) server_.call(add);
  }
  void seed(const std::string& member, int count, const std::string& prefix = "item",
            std::int64_t due_ms = 0) {
    for (int i = 0; i < count; ++i)
      server_.call(
          {"ZADD", "due:{q:" + member + "}", std::to_string(due_ms + 1), prefix + std::to_string(i)});
  }
  std::int64_t left(const std::string& member) {
    return server_.call({"ZCARD", "due:{q:" + member + "}"}).integer;
  }
  // The tags in the hash `scans` or `early`.
  std::vector<std::string> tags_in(const std::string& hash) {
    std::vector<std::string> tags;
    for (const auto& tag : server_.call({"HKEYS", hash}).elements) tags.push_back(tag.text);
    return tags;
  }
  std::int64_t scans_of(const std::string& member, const std::string& hash = "scans") {
    const auto count = server_.call({"HGET", hash, "{q:" + member + "}"}).text;
    return count.empty() ? 0 : std::stoll(count);
  }
};

TEST_F(listed_families, have_the_members_of_an_option) {
  seed("mail", 3);
  seed("sms", 2);
  const auto reports = run(1, plan_with_option({"mail", "sms", "mail"}));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts.processed, 5u);
  EXPECT_THAT(tags_in("scans"), UnorderedElementsAre("{q:mail}", "{q:sms}"));
  EXPECT_EQ(scans_of("mail"), 1);
  EXPECT_EQ(metric("scanhost_partitions{scanner=\"sweeps_members_from_option\"}"), 2);
}

TEST_F(listed_families, have_the_members_of_a_set) {
  list({"mail", "sms"});
  seed("mail", 3);
  const auto reports = run(2, plan_of("from_key"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ((*reports)[0].counts, (runner::item_counts{3, 0, 0, 0}));
  EXPECT_EQ(scans_of("mail"), 2);
  EXPECT_EQ(scans_of("sms"), 2);
}

TEST_F(listed_families, have_the_members_of_a_sorted_set) {
  server_.call({"ZADD", "all:queues", "2", "mail", "1", "sms"});
  const auto reports = run(1, plan_of("from_key"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_THAT(tags_in("scans"), UnorderedElementsAre("{q:mail}", "{q:sms}"));
}

TEST_F(listed_families, have_the_members_that_the_plugin_names) {
  server_.call({"RPUSH", "named", "sms", "mail", "sms"});
  seed("sms", 2);
  const auto reports = run(1, plan_of("from_plugin"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts.processed, 2u);
  EXPECT_EQ(scans_of("sms"), 1);
  EXPECT_EQ(scans_of("mail"), 1);
}

TEST_F(listed_families, complete_cycles_without_a_member) {
  const auto reports = run(3, plan_of("from_key"));
  ASSERT_TRUE(reports) << reports.error().message;
  ASSERT_EQ(reports->size(), 3u);
  EXPECT_EQ(reports->back().counts, runner::item_counts{});
  EXPECT_FALSE(reports->back().backlog);
  EXPECT_THAT(tags_in("scans"), IsEmpty());
}

TEST_F(listed_families, scan_members_that_come_and_leave_alone_those_that_went) {
  list({"mail"});
  const auto subject = scanner(plan_of("from_key"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return scans_of("mail") >= 2; }));
  EXPECT_EQ(subject->status().partitions, 1u);
  seed("push", 3);
  list({"push", "sms"});
  ASSERT_TRUE(eventually([&] { return scans_of("push") >= 2 && scans_of("sms") >= 2; }));
  EXPECT_EQ(left("push"), 0);
  EXPECT_EQ(subject->status().partitions, 2u);
  const auto before = scans_of("mail");
  const auto cycles = subject->status().cycles;
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= cycles + 3; }));
  EXPECT_EQ(scans_of("mail"), before);
}

TEST_F(listed_families, write_a_backlog_of_zero_when_the_last_member_went) {
  list({"mail"});
  seed("mail", 4, "later", server_now_ms() + 3'600'000);
  const auto subject = scanner(plan_of("from_key"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().backlog == 4u; }));
  list({});
  EXPECT_TRUE(eventually([&] { return subject->status().backlog == 0u; }));
}

TEST_F(listed_families, visit_the_member_early_whose_item_comes_due) {
  list({"mail", "push", "sms"});
  seed("push", 2, "soon", server_now_ms() + 1500);
  auto slow = plan_of("from_key");
  slow.settings.interval = 1h;
  const auto subject = scanner(std::move(slow));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().totals.processed == 2; }));
  EXPECT_EQ(subject->status().cycles, 1u);
  EXPECT_THAT(tags_in("early"), ElementsAre("{q:push}"));
}

// The partitions' order in the cycle changes between the scan that says when the item is due and the visit.
TEST_F(listed_families, visit_the_right_member_early_after_others_came) {
  list({"mail", "sms"});
  seed("sms", 1, "soon", server_now_ms() + 1500);
  auto slow = plan_of("from_key");
  slow.settings.interval = 1h;
  const auto subject = scanner(std::move(slow));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles == 1; }));
  list({"a", "b", "sms"});
  subject->run_now();
  ASSERT_TRUE(eventually([&] { return subject->status().cycles == 2; }));
  ASSERT_TRUE(eventually([&] { return subject->status().totals.processed == 1; }));
  EXPECT_EQ(subject->status().cycles, 2u);
  EXPECT_THAT(tags_in("early"), ElementsAre("{q:sms}"));
}

TEST_F(listed_families, do_not_visit_a_member_early_that_went) {
  list({"mail", "sms"});
  seed("sms", 1, "soon", server_now_ms() + 1000);
  seed("mail", 1, "later", server_now_ms() + 1500);
  auto slow = plan_of("from_key");
  slow.settings.interval = 1h;
  const auto subject = scanner(std::move(slow));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles == 1; }));
  list({"mail"});
  subject->run_now();
  ASSERT_TRUE(eventually([&] { return subject->status().totals.processed == 1; }));
  EXPECT_THAT(tags_in("early"), ElementsAre("{q:mail}"));
  EXPECT_EQ(left("sms"), 1);
}

TEST_F(listed_families, keep_the_failures_of_members_apart) {
  list({"mail", "sms"});
  seed("mail", 1, "bad");
  const auto reports = run(5, plan_of("from_key"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ((*reports)[2].counts.errors, 1u);
  EXPECT_EQ((*reports)[4].counts, (runner::item_counts{0, 0, 0, 1}));
}

TEST_F(listed_families, forget_the_failures_of_a_member_that_went) {
  list({"mail", "sms"});
  seed("mail", 1, "bad");
  const auto subject = scanner(plan_of("from_key"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().items_in_back_off == 1; }));
  list({"sms"});
  ASSERT_TRUE(eventually([&] { return subject->status().partitions == 1; }));
  EXPECT_EQ(subject->status().items_in_back_off, 0u);
}

TEST_F(listed_families, do_not_wait_for_a_slow_member) {
  list({"fast", "other", "slow"});
  server_.call({"SET", "slow:{q:slow}", "3600000"});
  seed("fast", 35);
  seed("other", 35);
  const auto subject = scanner(plan_of("from_key"));
  subject->start(0ms);
  EXPECT_TRUE(eventually([&] { return left("fast") == 0 && left("other") == 0; }));
  EXPECT_TRUE(eventually([&] { return scans_of("fast") > 0 && scans_of("other") > 0; }));
  EXPECT_EQ(subject->status().cycles, 0u);
  EXPECT_THAT(tags_in("scans"), UnorderedElementsAre("{q:fast}", "{q:other}"));
}

TEST_F(listed_families, go_on_with_the_last_members_when_they_cannot_be_read) {
  list({"mail"});
  const auto subject = scanner(plan_of("from_key"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return scans_of("mail") >= 1; }));
  server_.call({"DEL", "all:queues"});
  server_.call({"HSET", "all:queues", "f", "v"});
  ASSERT_TRUE(eventually([&] { return subject->status().last_cycle->counts.errors == 1; }));
  const auto before = scans_of("mail");
  ASSERT_TRUE(eventually([&] { return scans_of("mail") >= before + 2; }));
  list({"sms"});
  ASSERT_TRUE(eventually([&] { return scans_of("sms") >= 1; }));
  EXPECT_TRUE(eventually([&] { return subject->status().last_cycle->counts.errors == 0; }));
}

TEST_F(listed_families, scan_the_others_when_a_member_cannot_be_one) {
  list({"mail", "a{b"});
  seed("mail", 1);
  const auto reports = run(1, plan_of("from_key"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts, (runner::item_counts{1, 0, 1, 0}));
  EXPECT_THAT(tags_in("scans"), ElementsAre("{q:mail}"));
}

TEST_F(listed_families, are_not_read_when_they_are_too_large) {
  std::vector<std::vector<std::string>> adds;
  for (int i = 0; i < 66; ++i) {
    auto& add = adds.emplace_back(std::vector<std::string>{"SADD", "all:queues"});
    for (int j = 0; j < 1000; ++j) add.push_back(std::to_string(i) + "-" + std::to_string(j));
  }
  server_.load(adds);
  const auto reports = run(1, plan_of("from_key"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts, (runner::item_counts{0, 0, 1, 0}));
  EXPECT_THAT(tags_in("scans"), IsEmpty());
}

TEST_F(listed_families, restart_the_scanner_when_the_plugin_names_what_cannot_be_a_member) {
  server_.call({"RPUSH", "named", "mail", "a{b"});
  const auto reports = run(1, plan_of("from_plugin"));
  ASSERT_FALSE(reports);
  EXPECT_THAT(reports.error().message, ::testing::HasSubstr("the member has a brace"));
}

TEST_F(listed_families, survive_a_pause_while_they_are_listed) {
  list({"mail"});
  const auto subject = scanner(plan_of("from_key"));
  subject->start(0ms);
  for (int i = 0; i < 20; ++i) {
    subject->set_paused(true);
    subject->set_paused(false);
    subject->run_now();
  }
  const auto before = subject->status().cycles;
  EXPECT_TRUE(eventually([&] { return subject->status().cycles >= before + 3; }));
}

}  // namespace
}  // namespace scanhost::test
