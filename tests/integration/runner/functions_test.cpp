// SPDX-License-Identifier: Apache-2.0
//
// Functions that are not on the server, or not yet, or no longer.
#include <boost/asio/io_context.hpp>
#include <functional>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "integration/runner/fixture.hpp"
#include "runner/function_watch.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;
using runner::scanner_state;

class functions : public runner_test {
 protected:
  functions() {
    config::store_settings store;
    store.socket_path = server_.socket_path();
    store.url = "unix://" + server_.socket_path();
    known_ = std::make_shared<plan::server_functions>(store, "scanhost.yaml");
  }

  void load(const std::string& names) {
    std::string code = "#!lua name=lib\n";
    for (const auto& name : split(names))
      code += "redis.register_function('" + name + "', function() return 1 end)\n";
    ASSERT_NE(server_.call({"FUNCTION", "LOAD", "REPLACE", code}).what, answer::kind::error);
  }
  void flush() { server_.call({"FUNCTION", "FLUSH", "SYNC"}); }

  static std::vector<std::string> split(const std::string& words) {
    std::istringstream text(words);
    return {std::istream_iterator<std::string>(text), {}};
  }

  std::unique_ptr<runner::scanner> calling(const std::string& function = "",
                                           config::run_condition condition = config::run_condition::always) {
    auto chosen = plan("calls_function");
    chosen.settings.options["call"] = function;
    chosen.settings.enabled = condition;
    chosen.functions = known_;
    return scanner(std::move(chosen));
  }

  // What the watch does until this is so.
  bool watched_until(runner::scanner& subject, const std::function<bool()>& so) {
    boost::asio::io_context context(1);
    runner::function_watch watch(context, [&] { subject.apply_functions(); });
    watch.follow({known_});
    return eventually([&] {
      context.poll();
      return so();
    });
  }

  std::shared_ptr<plan::server_functions> known_;
};

TEST_F(functions, are_learnt_of_while_a_scanner_runs) {
  load("needed");
  const auto subject = calling();
  subject->start(0ms);
  ASSERT_TRUE(watched_until(*subject, [&] { return subject->status().backlog == 0u; }));
  load("needed optional");
  EXPECT_TRUE(watched_until(*subject, [&] { return subject->status().backlog == 4u; }));
}

TEST_F(functions, that_go_hold_the_scanner_and_blame_nothing) {
  load("needed");
  const auto subject = calling();
  subject->start(0ms);
  ASSERT_TRUE(watched_until(*subject, [&] { return subject->status().totals.processed > 0; }));
  flush();
  ASSERT_TRUE(
      watched_until(*subject, [&] { return subject->status().state == scanner_state::functions_missing; }));
  EXPECT_EQ(subject->status().waits_for->functions, "the function needed of the library 'lib'");
  EXPECT_EQ(metric("scanhost_scanner_functions_missing{scanner=\"calls_function\"}"), 1);
  const auto processed = subject->status().totals.processed;
  load("needed");
  ASSERT_TRUE(watched_until(*subject, [&] { return subject->status().totals.processed > processed; }));
  EXPECT_EQ(subject->status().totals.errors, 0u);
  EXPECT_EQ(subject->status().items_in_back_off, 0u);
  EXPECT_FALSE(subject->status().waits_for.has_value());
  EXPECT_EQ(metric("scanhost_scanner_functions_missing{scanner=\"calls_function\"}"), 0);
}

TEST_F(functions, are_looked_for_at_once_when_one_is_missed) {
  load("needed");
  known_->end_look(known_->begin_look(), {{"lib"}, {"needed"}});
  int requests = 0;
  flush();
  const auto subject = calling();
  known_->on_request([&] { ++requests; });
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles > 2; }));
  subject->request_stop();
  subject->join(base::steady::now() + 60s, 1s);
  EXPECT_EQ(requests, 1);  // until somebody looks
  EXPECT_EQ(subject->status().totals.errors, 0u);
}

TEST_F(functions, that_are_optional_hold_nobody_and_count_as_errors_of_who_calls_them_without_asking) {
  load("needed");
  known_->end_look(known_->begin_look(), {{"lib"}, {"needed"}});
  const auto subject = calling("optional");
  subject->start(0ms);
  ASSERT_TRUE(watched_until(*subject, [&] { return subject->status().cycles > 5; }));
  EXPECT_GT(subject->status().totals.errors, 0u);
  EXPECT_EQ(subject->status().items_in_back_off, 0u);
}

TEST_F(functions, that_are_optional_blame_nobody_when_they_have_just_gone) {
  load("needed");
  known_->end_look(known_->begin_look(), {{"lib"}, {"needed", "optional"}});
  const auto subject = calling("optional");
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles > 5; }));
  EXPECT_EQ(subject->status().totals.errors, 0u);
}

TEST_F(functions, that_the_descriptor_does_not_name_count_as_errors_but_no_items) {
  load("needed");
  const auto subject = calling("mistyped");
  subject->start(0ms);
  ASSERT_TRUE(watched_until(*subject, [&] { return subject->status().cycles > 5; }));
  EXPECT_GT(subject->status().totals.errors, 0u);
  EXPECT_EQ(subject->status().items_in_back_off, 0u);
}

TEST_F(functions, are_waited_for_by_a_scanner_that_runs_where_they_are) {
  flush();
  known_->end_look(known_->begin_look(), {});
  const auto subject = calling("", config::run_condition::functions_exist);
  subject->start(0ms);
  ASSERT_TRUE(watched_until(*subject, [&] { return subject->status().state == scanner_state::resting; }));
  EXPECT_EQ(subject->status().cycles, 0u);
  load("needed");
  EXPECT_TRUE(watched_until(*subject, [&] { return subject->status().cycles > 0; }));
  EXPECT_EQ(subject->status().totals.errors, 0u);
}

TEST_F(functions, that_are_missing_let_a_paused_scanner_stay_paused) {
  load("needed");
  const auto subject = calling();
  subject->start(0ms);
  ASSERT_TRUE(watched_until(*subject, [&] { return subject->status().cycles > 0; }));
  flush();
  ASSERT_TRUE(
      watched_until(*subject, [&] { return subject->status().state == scanner_state::functions_missing; }));
  subject->set_paused(true);
  load("needed");
  ASSERT_TRUE(watched_until(*subject, [&] { return subject->status().state == scanner_state::waiting; }));
  const auto cycles = subject->status().cycles;
  const auto other = scanner(plan("keeps_state"));  // its cycles tell the time
  other->start(0ms);
  ASSERT_TRUE(eventually([&] { return other->status().cycles >= 3; }));
  EXPECT_EQ(subject->status().cycles, cycles);
  subject->set_paused(false);
  EXPECT_TRUE(eventually([&] { return subject->status().cycles > cycles; }));
}

TEST_F(functions, that_are_missing_fail_a_run_of_some_cycles) {
  flush();
  auto chosen = plan("calls_function");
  chosen.functions = known_;
  const auto reports = run(2, std::move(chosen));
  ASSERT_TRUE(reports.has_value()) << reports.error().message;
  EXPECT_EQ(reports->at(0).counts.errors, 4u);
}

TEST_F(functions, are_known_again_after_the_connection_was_lost) {
  load("needed");
  const auto subject = calling();
  subject->start(0ms);
  ASSERT_TRUE(watched_until(*subject, [&] { return known_->latest() != nullptr; }));
  const auto before = known_->latest();
  boost::asio::io_context context(1);
  int changes = 0;
  runner::function_watch watch(context, [&] { ++changes; });
  watch.follow({known_});
  server_.call({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  load("needed optional");
  EXPECT_TRUE(eventually([&] {
    context.poll();
    return changes > 0;
  }));
  EXPECT_NE(known_->latest(), before);
}

}  // namespace
}  // namespace scanhost::test
