// SPDX-License-Identifier: Apache-2.0
//
// The final check must be able to fail: each way in which a record can be wrong is seen.
#include "demo/judge.hpp"

#include <gmock/gmock.h>

namespace scanhost::demo {
namespace {

using testing::HasSubstr;

reply text_reply(std::string content) { return {reply::kind::text, std::move(content), 0, {}}; }
reply number_reply(std::int64_t number) { return {reply::kind::number, {}, number, {}}; }
reply list_reply(const std::vector<std::string>& items) {
  reply list{reply::kind::list, {}, 0, {}};
  for (const auto& item : items) list.list.push_back(text_reply(item));
  return list;
}

constexpr window run{1000, 2000};

// Judges one question's answer.
std::string verdict_of(const world& want, const question& asked, const reply& answer) {
  return judge(want, std::vector{asked}, std::vector{answer}, run).violation.value_or("right");
}

const question core{question::kind::hash, "core", {}};
const question entry{question::kind::score, "index", "me"};
const question membership{question::kind::membership, "all", "me"};

world record_with(text content) {
  world w;
  w.set("core", "state", std::move(content));
  return w;
}

TEST(judge, accepts_a_record_that_is_as_it_must_be) {
  EXPECT_EQ(verdict_of(record_with("active"), core, list_reply({"state", "active"})), "right");
}
TEST(judge, sees_a_field_with_another_value) {
  EXPECT_THAT(verdict_of(record_with("active"), core, list_reply({"state", "terminal"})),
              HasSubstr("must be 'active', is 'terminal'"));
}
TEST(judge, sees_a_field_that_must_not_be_there) {
  EXPECT_THAT(verdict_of(record_with("active"), core, list_reply({"state", "active", "more", "1"})),
              HasSubstr("'more'"));
}
TEST(judge, sees_a_field_that_is_missing) {
  auto w = record_with("active");
  w.set("core", "outcome", "none");
  EXPECT_THAT(verdict_of(w, core, list_reply({"state", "active"})), HasSubstr("lacks the field 'outcome'"));
}
TEST(judge, sees_a_key_that_is_gone) {
  EXPECT_THAT(verdict_of(record_with("active"), core, list_reply({})), HasSubstr("is gone"));
}
TEST(judge, sees_a_key_that_must_be_gone) {
  EXPECT_THAT(verdict_of(world(), core, list_reply({"state", "active"})), HasSubstr("must be gone"));
}
TEST(judge, accepts_a_moment_within_the_run) {
  EXPECT_EQ(verdict_of(record_with(moment()), core, list_reply({"state", "1500"})), "right");
}
TEST(judge, sees_a_change_before_it_was_due) {
  EXPECT_THAT(verdict_of(record_with(moment()), core, list_reply({"state", "990"})),
              HasSubstr("10 ms too early"));
}
TEST(judge, sees_a_moment_after_the_end) {
  EXPECT_THAT(verdict_of(record_with(moment()), core, list_reply({"state", "2001"})),
              HasSubstr("after the run's end"));
}
TEST(judge, sees_a_moment_that_is_no_number) {
  EXPECT_THAT(verdict_of(record_with(moment()), core, list_reply({"state", "1500x"})),
              HasSubstr("must be a moment"));
}
TEST(judge, sees_a_record_that_was_changed_twice) {
  auto w = record_with(moment());
  w.set("core", "when", moment());
  EXPECT_THAT(verdict_of(w, core, list_reply({"state", "1500", "when", "1501"})),
              HasSubstr("more than once"));
}
TEST(judge, lets_each_step_have_a_moment_of_its_own) {
  auto w = record_with(moment(0));
  w.set("core", "when", moment(1));
  EXPECT_EQ(verdict_of(w, core, list_reply({"state", "1500", "when", "1501"})), "right");
}
TEST(judge, takes_a_moment_with_something_added) {
  EXPECT_EQ(verdict_of(record_with(moment(0, 5000)), core, list_reply({"state", "6500"})), "right");
  EXPECT_THAT(verdict_of(record_with(moment(0, 5000)), core, list_reply({"state", "1500"})),
              HasSubstr("too early"));
}
TEST(judge, compares_scores_as_numbers) {
  world w;
  w.enter("index", "me", "-1000000000005");
  EXPECT_EQ(verdict_of(w, entry, text_reply("-1000000000005")), "right");
  EXPECT_EQ(verdict_of(w, entry, text_reply("-1.000000000005e12")), "right");
  EXPECT_THAT(verdict_of(w, entry, text_reply("-1000000000004")), HasSubstr("must have the score"));
}
TEST(judge, sees_an_entry_that_stayed_and_one_that_went) {
  world w;
  w.enter("index", "me", 5);
  EXPECT_THAT(verdict_of(w, entry, reply{}), HasSubstr("must hold it"));
  EXPECT_THAT(verdict_of(world(), entry, text_reply("5")), HasSubstr("must not hold it"));
  EXPECT_THAT(verdict_of(world(), membership, number_reply(1)), HasSubstr("must not hold it"));
  EXPECT_EQ(verdict_of(world(), membership, number_reply(0)), "right");
}
TEST(judge, sees_a_stream_with_one_event_too_many) {
  world w;
  w.append("history", {{"event", "expired"}});
  reply event{reply::kind::list, {}, 0, {text_reply("1-0"), list_reply({"event", "expired"})}};
  const question history{question::kind::stream, "history", {}};
  EXPECT_EQ(verdict_of(w, history, {reply::kind::list, {}, 0, {event}}), "right");
  EXPECT_THAT(verdict_of(w, history, {reply::kind::list, {}, 0, {event, event}}),
              HasSubstr("must have 1 entries, has 2"));
}
TEST(judge, sees_a_member_too_many_and_one_too_few) {
  world w;
  w.put("set", members{{"a", "b"}});
  const question set{question::kind::members, "set", {}};
  EXPECT_EQ(verdict_of(w, set, list_reply({"b", "a"})), "right");
  EXPECT_THAT(verdict_of(w, set, list_reply({"a"})), HasSubstr("lacks the member 'b'"));
  EXPECT_THAT(verdict_of(w, set, list_reply({"a", "b", "c"})), HasSubstr("'c'"));
}
TEST(judge, takes_an_error_reply_for_a_violation) {
  EXPECT_THAT(verdict_of(world(), core, {reply::kind::error, "WRONGTYPE", 0, {}}), HasSubstr("WRONGTYPE"));
}
TEST(judge, asks_about_what_was_there_and_what_must_be_there) {
  world before = record_with("active"), after;
  before.enter("index", "me", 1);
  after.join("all", "me");
  const auto asked = questions_about(before, after);
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_EQ(command_of(asked[0]), (command{"HGETALL", "core"}));
  EXPECT_EQ(command_of(asked[1]), (command{"SISMEMBER", "all", "me"}));
  EXPECT_EQ(command_of(asked[2]), (command{"ZSCORE", "index", "me"}));
}

}  // namespace
}  // namespace scanhost::demo
