// SPDX-License-Identifier: Apache-2.0
//
// The final check must be able to fail: each way in which a record can be wrong is seen.
#include "demo/judge.hpp"

#include <gmock/gmock.h>

namespace scanhost::demo {
namespace {

using testing::HasSubstr;

reply text_reply(std::string content) { return {reply_kind::text, std::move(content), 0, {}}; }
reply number_reply(std::int64_t number) { return {reply_kind::number, {}, number, {}}; }
reply list_reply(const std::vector<std::string>& items) {
  reply list{reply_kind::list, {}, 0, {}};
  for (const auto& item : items) list.list.push_back(text_reply(item));
  return list;
}

constexpr window run{1000, 2000};

// What is wrong with the answer to a single question.
std::string complaint_of(const world& want, const question& asked, const reply& answer) {
  return judge(want, std::vector{asked}, std::vector{answer}, run).violation.value_or("nothing");
}

const question core{{"core", {}}, data_type::hash};
const question entry{{"index", "me"}, data_type::sorted_set};
const question membership{{"all", "me"}, data_type::set};

world record_with(text content) {
  world w;
  w.set("core", "state", std::move(content));
  return w;
}

TEST(judge, accepts_a_record_that_is_as_it_must_be) {
  EXPECT_EQ(complaint_of(record_with("active"), core, list_reply({"state", "active"})), "nothing");
}
TEST(judge, sees_a_field_with_another_value) {
  EXPECT_THAT(complaint_of(record_with("active"), core, list_reply({"state", "terminal"})),
              HasSubstr("expected 'active', found 'terminal'"));
}
TEST(judge, sees_a_field_that_must_not_be_there) {
  EXPECT_THAT(complaint_of(record_with("active"), core, list_reply({"state", "active", "more", "1"})),
              HasSubstr("unexpected field 'more'"));
}
TEST(judge, sees_a_field_that_is_missing) {
  auto w = record_with("active");
  w.set("core", "outcome", "none");
  EXPECT_THAT(complaint_of(w, core, list_reply({"state", "active"})),
              HasSubstr("field 'outcome' is missing"));
}
TEST(judge, sees_a_key_that_is_gone) {
  EXPECT_THAT(complaint_of(record_with("active"), core, list_reply({})), HasSubstr("is missing"));
}
TEST(judge, sees_a_key_that_must_be_gone) {
  EXPECT_THAT(complaint_of(world(), core, list_reply({"state", "active"})),
              HasSubstr("expected nothing, found something"));
}
TEST(judge, accepts_a_moment_within_the_run) {
  EXPECT_EQ(complaint_of(record_with(moment()), core, list_reply({"state", "1500"})), "nothing");
}
TEST(judge, sees_a_change_before_it_was_due) {
  EXPECT_THAT(complaint_of(record_with(moment()), core, list_reply({"state", "990"})),
              HasSubstr("10 ms too early"));
}
TEST(judge, sees_a_moment_after_the_end) {
  EXPECT_THAT(complaint_of(record_with(moment()), core, list_reply({"state", "2001"})),
              HasSubstr("is after the end of the run"));
}
TEST(judge, sees_a_moment_that_is_no_number) {
  EXPECT_THAT(complaint_of(record_with(moment()), core, list_reply({"state", "1500x"})),
              HasSubstr("expected a time within the run, found '1500x'"));
}
TEST(judge, sees_a_record_that_was_changed_twice) {
  auto w = record_with(moment());
  w.set("core", "when", moment());
  EXPECT_THAT(complaint_of(w, core, list_reply({"state", "1500", "when", "1501"})),
              HasSubstr("more than once"));
}
TEST(judge, lets_each_step_have_a_moment_of_its_own) {
  auto w = record_with(moment(0));
  w.set("core", "when", moment(1));
  EXPECT_EQ(complaint_of(w, core, list_reply({"state", "1500", "when", "1501"})), "nothing");
}
TEST(judge, takes_a_moment_with_something_added) {
  EXPECT_EQ(complaint_of(record_with(moment(0, 5000)), core, list_reply({"state", "6500"})), "nothing");
  EXPECT_THAT(complaint_of(record_with(moment(0, 5000)), core, list_reply({"state", "1500"})),
              HasSubstr("too early"));
}
TEST(judge, compares_scores_as_numbers) {
  world w;
  w.enter("index", "me", "-1000000000005");
  EXPECT_EQ(complaint_of(w, entry, text_reply("-1000000000005")), "nothing");
  EXPECT_EQ(complaint_of(w, entry, text_reply("-1.000000000005e12")), "nothing");
  EXPECT_THAT(complaint_of(w, entry, text_reply("-1000000000004")),
              HasSubstr("expected '-1000000000005', found '-1000000000004'"));
}
TEST(judge, sees_an_entry_that_stayed_and_one_that_went) {
  world w;
  w.enter("index", "me", 5);
  EXPECT_THAT(complaint_of(w, entry, reply{}), HasSubstr("is missing"));
  EXPECT_THAT(complaint_of(world(), entry, text_reply("5")), HasSubstr("expected nothing, found something"));
  EXPECT_THAT(complaint_of(world(), membership, number_reply(1)),
              HasSubstr("expected nothing, found something"));
  EXPECT_EQ(complaint_of(world(), membership, number_reply(0)), "nothing");
}
TEST(judge, sees_a_stream_with_one_event_too_many) {
  world w;
  w.append("history", {{"event", "expired"}});
  reply event{reply_kind::list, {}, 0, {text_reply("1-0"), list_reply({"event", "expired"})}};
  const question history{{"history", {}}, data_type::stream};
  EXPECT_EQ(complaint_of(w, history, {reply_kind::list, {}, 0, {event}}), "nothing");
  EXPECT_THAT(complaint_of(w, history, {reply_kind::list, {}, 0, {event, event}}),
              HasSubstr("expected 1 entries, found 2"));
}
TEST(judge, sees_a_stream_whose_fields_differ) {
  world w;
  w.append("history", {{"event", "expired"}, {"ts", moment()}});
  const question history{{"history", {}}, data_type::stream};
  const auto judged = [&](const std::vector<std::string>& items) {
    reply event{reply_kind::list, {}, 0, {text_reply("1-0"), list_reply(items)}};
    return complaint_of(w, history, {reply_kind::list, {}, 0, {event}});
  };
  EXPECT_EQ(judged({"event", "expired", "ts", "1500"}), "nothing");
  EXPECT_THAT(judged({"event", "released", "ts", "1500"}),
              HasSubstr("entry 1: field 'event': expected 'expired'"));
  EXPECT_THAT(judged({"ts", "1500", "event", "expired"}),
              HasSubstr("expected the field 'event', found 'ts'"));
  EXPECT_THAT(judged({"event", "expired"}), HasSubstr("expected 2 fields, found 1"));
}
TEST(judge, compares_the_scores_of_a_sorted_set) {
  world w;
  w.put_sorted_set("window", {{"a", 1}, {"b", 2}});
  const question window{{"window", {}}, data_type::sorted_set};
  EXPECT_EQ(complaint_of(w, window, list_reply({"b", "2", "a", "1"})), "nothing");
  EXPECT_THAT(complaint_of(w, window, list_reply({"a", "1", "b", "3"})),
              HasSubstr("member 'b': expected '2', found '3'"));
  EXPECT_THAT(complaint_of(w, window, list_reply({"a", "1"})), HasSubstr("member 'b' is missing"));
}
TEST(judge, compares_strings) {
  world w;
  w.put_string("payload", "one");
  const question payload{{"payload", {}}, data_type::string};
  EXPECT_EQ(complaint_of(w, payload, text_reply("one")), "nothing");
  EXPECT_THAT(complaint_of(w, payload, text_reply("two")), HasSubstr("expected 'one', found 'two'"));
  EXPECT_THAT(complaint_of(w, payload, reply{}), HasSubstr("is missing"));
}
TEST(judge, sees_a_member_too_many_and_one_too_few) {
  world w;
  w.put_set("set", {"a", "b"});
  const question set{{"set", {}}, data_type::set};
  EXPECT_EQ(complaint_of(w, set, list_reply({"b", "a"})), "nothing");
  EXPECT_THAT(complaint_of(w, set, list_reply({"a"})), HasSubstr("member 'b' is missing"));
  EXPECT_THAT(complaint_of(w, set, list_reply({"a", "b", "c"})), HasSubstr("unexpected member 'c'"));
}
TEST(judge, takes_an_error_reply_for_a_violation) {
  EXPECT_THAT(complaint_of(world(), core, {reply_kind::error, "WRONGTYPE", 0, {}}), HasSubstr("WRONGTYPE"));
}
TEST(judge, asks_about_what_was_there_and_what_must_be_there) {
  world before = record_with("active"), after;
  before.enter("index", "me", 1);
  after.join("all", "me");
  const auto asked = questions_about(before, after);
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_EQ(command_of(asked[0]), (command{"SISMEMBER", "all", "me"}));
  EXPECT_EQ(command_of(asked[1]), (command{"HGETALL", "core"}));
  EXPECT_EQ(command_of(asked[2]), (command{"ZSCORE", "index", "me"}));
}

}  // namespace
}  // namespace scanhost::demo
