// SPDX-License-Identifier: Apache-2.0
//
// A scanner's plugin is asked where items stand, and may only read meanwhile.
#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <future>

#include "admin/item_questions.hpp"
#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;
using runner::item_explanation;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class explained_items : public runner_test {
 protected:
  // Waits for the answer; none comes within a minute: throws.
  static item_explanation ask(runner::scanner& subject, const std::string& item,
                              base::milliseconds patience = 60s) {
    auto answer = std::make_shared<std::promise<item_explanation>>();
    auto future = answer->get_future();
    subject.explain({item, base::steady::now() + patience,
                     [answer](item_explanation explained) { answer->set_value(std::move(explained)); }});
    if (future.wait_for(60s) != std::future_status::ready) throw std::runtime_error("no answer");
    return future.get();
  }

  std::unique_ptr<runner::scanner> running(plan::scanner_plan of) {
    auto subject = scanner(std::move(of));
    subject->start(0ms);
    if (!eventually([&] { return subject->status().cycles > 0 || subject->paused(); }))
      throw std::runtime_error("no cycle");
    return subject;
  }
};

TEST_F(explained_items, are_looked_for_in_all_partitions_where_nobody_knows_better) {
  seed(2, 1, "a", 1499);
  const auto subject = running(plan("explains_items"));
  const auto explained = ask(*subject, "a0");
  EXPECT_EQ(explained.partitions_asked, 4u);
  EXPECT_EQ(explained.partitions, 4u);
  EXPECT_EQ(explained.problem, "");
  ASSERT_EQ(explained.findings.size(), 1u);
  const auto& found = explained.findings.front();
  EXPECT_EQ(found.partition, "{s:2}");
  EXPECT_EQ(found.where, standing::due);
  EXPECT_EQ(found.index, "due:{s:2}");
  EXPECT_EQ(found.score, 1500);
  EXPECT_EQ(found.due, base::timestamp(1500ms));
  EXPECT_EQ(found.reason, "it is there");
}

TEST_F(explained_items, that_are_nowhere_have_one_finding) {
  const auto subject = running(plan("explains_items"));
  const auto explained = ask(*subject, "nobody");
  ASSERT_EQ(explained.findings.size(), 1u);
  EXPECT_EQ(explained.findings.front().where, standing::not_here);
  EXPECT_EQ(explained.findings.front().partition, "");
  EXPECT_EQ(explained.partitions_asked, 4u);
}

TEST_F(explained_items, are_looked_for_where_the_plugin_or_their_hash_tag_says) {
  const auto subject = running(plan("explains_items"));
  const auto by_plugin = ask(*subject, "in-3");
  EXPECT_EQ(by_plugin.partitions_asked, 1u);
  EXPECT_EQ(by_plugin.findings.front().partition, "{s:3}");
  EXPECT_EQ(ask(*subject, "in-3{s:1}").findings.front().partition, "{s:1}");
  EXPECT_EQ(ask(*subject, "in-3{other}").findings.front().partition, "{s:3}");
  EXPECT_EQ(ask(*subject, std::string("in-3\0\xff", 6)).findings.front().partition, "{s:3}");
}

TEST_F(explained_items, may_not_be_changed) {
  seed(3, 5, "item", 1500);
  const auto subject = running(plan("explains_items"));
  EXPECT_THAT(ask(*subject, "in-3 deletes").findings.front().reason, HasSubstr("outcome 5: permissions: "));
  EXPECT_THAT(ask(*subject, "in-3 evaluates").findings.front().reason, HasSubstr("outcome 5: permissions: "));
  EXPECT_EQ(left(3), 5);
  const auto status = subject->status();
  EXPECT_EQ(status.refused, 0u);  // an explanation counts nowhere
  EXPECT_EQ(status.totals.errors, 0u);
  EXPECT_EQ(status.restarts, 0u);
}

TEST_F(explained_items, do_not_fail) {
  const auto subject = running(plan("explains_items"));
  ask(*subject, "in-3 fails");
  EXPECT_THAT(subject->failures_of("in-3 fails").items, IsEmpty());
}

TEST_F(explained_items, are_explained_while_the_scanner_is_paused) {
  auto rare = plan("explains_items");
  rare.settings.interval = 1h;
  const auto subject = scanner(std::move(rare));
  subject->set_paused(true);
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().state == runner::scanner_state::waiting; }));
  EXPECT_EQ(ask(*subject, "in-3").findings.front().where, standing::not_here);
  EXPECT_EQ(subject->status().cycles, 0u);
}

TEST_F(explained_items, without_an_answer_have_a_problem_and_harm_nobody) {
  auto secret = plan("explains_items");
  secret.settings.secrets["token"] = base::secret("hidden");
  const auto subject = running(std::move(secret));
  EXPECT_EQ(ask(*subject, "throws").problem, "nobody knows ***");
  EXPECT_EQ(ask(*subject, "silent").problem, "its plugin said nothing about the item");
  const auto late = ask(*subject, "waits", 50ms);
  EXPECT_EQ(late.problem, "it was not explained in time");
  EXPECT_EQ(ask(*subject, "in-3").problem, "");
  EXPECT_EQ(subject->status().restarts, 0u);
}

TEST_F(explained_items, of_a_plugin_without_the_extension_are_left_to_the_host) {
  const auto subject = running(plan("sweeps_due"));
  const auto explained = ask(*subject, "item0");
  EXPECT_THAT(explained.problem, HasSubstr("does not explain items"));
  EXPECT_THAT(explained.findings, IsEmpty());
}

TEST_F(explained_items, are_asked_about_one_after_the_other) {
  const auto subject = running(plan("explains_items"));
  std::vector<std::future<item_explanation>> answers;
  for (int i = 0; i < 10; ++i) {
    auto answer = std::make_shared<std::promise<item_explanation>>();
    answers.push_back(answer->get_future());
    subject->explain({"in-3 " + std::to_string(i), base::steady::now() + 60s,
                      [answer](item_explanation explained) { answer->set_value(std::move(explained)); }});
  }
  for (auto& answer : answers) {
    ASSERT_EQ(answer.wait_for(60s), std::future_status::ready);
    EXPECT_EQ(answer.get().problem, "");
  }
}

TEST_F(explained_items, of_a_scanner_that_does_not_run_have_a_problem) {
  const auto subject = scanner(plan("explains_items"));
  EXPECT_EQ(ask(*subject, "in-3").problem, "its plugin does not run");
}

TEST_F(explained_items, are_not_explained_without_the_store) {
  const auto subject = running(plan("explains_items"));
  server_.kill();
  ASSERT_TRUE(eventually([&] {
    subject->tick(base::steady::now());
    return subject->status().store.state != store::connection_state::up;
  }));
  // For a second the last reading of its clock is good enough: then its reads fail.
  EXPECT_TRUE(eventually([&] {
    const auto explained = ask(*subject, "in-3");
    if (explained.problem.empty()) {
      EXPECT_EQ(explained.findings.front().where, standing::unknown);
    }
    return explained.problem.starts_with("the store does not answer: ");
  }));
}

TEST_F(explained_items, of_a_scanner_that_is_stuck_have_a_problem) {
  auto hanging = plan("hangs_in_scan");
  hanging.settings.hang_timeout = 100ms;
  hanging.settings.options["file"] = file("release").string();
  const auto subject = scanner(std::move(hanging));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] {
    subject->tick(base::steady::now());
    return subject->status().stuck_generations == 3;
  }));
  EXPECT_THAT(ask(*subject, "in-3").problem, HasSubstr("its plugin is stuck inside one call"));
  std::ofstream(file("release")) << "go on";
  // The threads that are stuck have code and metrics of this test: they have to end before it does.
  EXPECT_TRUE(eventually([&] {
    subject->tick(base::steady::now());
    return subject->status().stuck_generations == 0;
  }));
}

// The control thread gathers what comes until the deadline, and waits for nobody.
TEST_F(explained_items, of_a_scanner_that_hangs_do_not_hold_up_the_others) {
  auto hanging = plan("hangs_in_scan");
  hanging.settings.hang_timeout = 1h;
  hanging.settings.options["file"] = file("release").string();
  const auto hung = std::shared_ptr<runner::scanner>(scanner(std::move(hanging)));
  const auto other = std::shared_ptr<runner::scanner>(running(plan("explains_items")));
  hung->start(0ms);
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(file("release.inside")); }));
  boost::asio::io_context context;
  std::vector<admin::scanner_explanation> answers;
  admin::ask_about_item(context, {hung, other}, "in-3",
                        [&](auto explained) { answers = std::move(explained); });
  context.run();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_THAT(answers[0].answer.problem, HasSubstr("it did not answer within 5000 ms"));
  EXPECT_THAT(answers[0].answer.findings, IsEmpty());
  EXPECT_EQ(answers[1].answer.problem, "");
  EXPECT_EQ(answers[1].answer.findings.size(), 1u);
  std::ofstream(file("release")) << "go on";
}

TEST_F(explained_items, wait_until_the_scanner_stops) {
  const auto subject = running(plan("explains_items"));
  auto answer = std::make_shared<std::promise<item_explanation>>();
  auto future = answer->get_future();
  subject->explain({"waits", base::steady::now() + 60s,
                    [answer](item_explanation explained) { answer->set_value(std::move(explained)); }});
  subject->request_stop();
  EXPECT_EQ(subject->join(base::steady::now() + 60s, 1s), runner::stop_outcome::stopped);
}

}  // namespace
}  // namespace scanhost::test
