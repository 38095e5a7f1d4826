// SPDX-License-Identifier: Apache-2.0
//
// Scans of the C++ wrapper against the fake host: no exception escapes, nothing leaks, nothing recurses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "scripted.hpp"

namespace {

using namespace scanhost;
using namespace scanhost::testing;
using namespace wrapper_tests;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(wrapper, hands_over_everything_of_a_result) {
  scripted::script = [](scan_context&) -> task<result> {
    result found{.processed = 5, .unchanged = 4, .errors = 3, .skipped = 2};
    found.next_due = from_ms(10);
    found.oldest_due = from_ms(20);
    found.backlog = 0;
    co_return found;
  };
  const auto report = host.scan();
  EXPECT_TRUE(report.finished);
  EXPECT_EQ(report.result.processed, 5u);
  EXPECT_EQ(report.result.unchanged, 4u);
  EXPECT_EQ(report.result.errors, 3u);
  EXPECT_EQ(report.result.skipped, 2u);
  EXPECT_EQ(report.result.next_due_ms, 10);
  EXPECT_EQ(report.result.oldest_due_ms, 20);
  EXPECT_EQ(report.result.flags, std::uint32_t{SCANHOST_RESULT_BACKLOG});
}

TEST_F(wrapper, tells_a_scan_where_it_is) {
  scripted::script = [](scan_context& scan) -> task<result> {
    EXPECT_EQ(scan.tag(), "{shard:3}");
    EXPECT_EQ(scan.family(), "shard");
    EXPECT_EQ(scan.index(), 3u);
    EXPECT_EQ(scan.partition_count(), 4u);
    EXPECT_EQ(scan.cycle(), 1u);
    EXPECT_TRUE(scan.early());
    EXPECT_EQ(scan.now(), from_ms(1'700'000'000'000));
    co_return result{};
  };
  EXPECT_TRUE(host.scan(3, SCANHOST_VISIT_EARLY).finished);
}

TEST_F(wrapper, sends_a_command_with_all_that_was_said_of_it) {
  scripted::script = [](scan_context& scan) -> task<result> {
    batch two;
    two.add("HGET", std::string("key"), 7, to_ms(from_ms(8))).about("item");
    two.add(command("FCALL", "f", std::uint8_t{1}, "{x}").route("{x}").acts("other", from_ms(99)));
    const auto got = co_await scan.execute(std::move(two));
    EXPECT_EQ(got.size(), 2u);
    EXPECT_EQ(got[1][0].text(), "done");
    co_return result{};
  };
  host.script(nil(), array("done"));
  host.scan();
  ASSERT_EQ(host.calls().size(), 2u);
  EXPECT_EQ(host.calls()[0].text(), "HGET key 7 8");
  EXPECT_EQ(host.calls()[0].item, "item");
  EXPECT_FALSE(host.calls()[0].acts());
  EXPECT_EQ(host.calls()[1].text(), "FCALL f 1 {x}");
  EXPECT_EQ(host.calls()[1].route, "{x}");
  EXPECT_EQ(host.calls()[1].due_ms, 99);
  EXPECT_TRUE(host.calls()[1].acts());
  EXPECT_EQ(host.batches(), 1u);
}

struct raw_form {
  explicit raw_form(const command& source) : args(source.size()), raw(source.raw(args.data())) {}
  std::string text() const {
    std::string words;
    for (const auto& arg : args) words += std::string(view(arg)) + ' ';
    return words;
  }
  std::vector<scanhost_string> args;
  scanhost_command raw;
};

TEST(wrapper_command, takes_arguments_item_and_route_in_any_order) {
  command sent("HMGET", "key");
  sent.about("an item").arg("first").route("{there}").args(2, "third");
  EXPECT_EQ(sent.size(), 5u);
  EXPECT_EQ(sent[2], "first");
  EXPECT_EQ(sent[4], "third");
  const raw_form form(sent);
  EXPECT_EQ(form.text(), "HMGET key first 2 third ");
  EXPECT_EQ(form.raw.arg_count, 5u);
  EXPECT_EQ(view(form.raw.item), "an item");
  EXPECT_EQ(view(form.raw.route), "{there}");
}

TEST(wrapper_command, goes_by_its_last_item_and_its_last_route) {
  command sent("GET", "key");
  sent.about("before").route("{before}").acts("item").route("{route}");
  EXPECT_EQ(view(raw_form(sent).raw.item), "item");
  EXPECT_EQ(view(raw_form(sent).raw.route), "{route}");
  sent.about("");
  EXPECT_EQ(view(raw_form(sent).raw.item), "");
}

TEST(wrapper_command, takes_ranges_of_texts_for_their_elements) {
  const std::vector<std::string> keys{"k1", "", "k3"};
  const std::array<std::string_view, 1> values{"v"};
  command sent("FCALL", "f", keys.size(), keys, 7, values, std::vector<std::string>());
  sent.args(values, "last").acts("item");
  EXPECT_EQ(raw_form(sent).text(), "FCALL f 3 k1  k3 7 v v last ");
  EXPECT_EQ(sent.size(), 10u);
}

TEST(wrapper_command, takes_the_longest_whole_numbers) {
  const command sent("x", std::numeric_limits<std::int64_t>::min(),
                     std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(sent[1], "-9223372036854775808");
  EXPECT_EQ(sent[2], "18446744073709551615");
}

TEST(wrapper_command, refuses_a_part_that_no_server_takes) {
  const std::string_view far_too_long("", std::size_t{1} << 30);  // which nothing may read
  EXPECT_THAT([&] { command("GET", far_too_long); }, ThrowsMessage<std::length_error>(HasSubstr("1 GiB")));
  command sent("GET", "key");
  EXPECT_THROW(sent.arg(far_too_long), std::length_error);
  EXPECT_THROW(sent.about(far_too_long), std::length_error);
  EXPECT_THROW(sent.route(far_too_long), std::length_error);
  EXPECT_EQ(sent.size(), 2u);
}

TEST(wrapper_command, may_be_about_one_of_its_own_arguments) {
  const std::string id(1000, 'x');  // longer than the room that it keeps
  command sent("GET", id);
  sent.about(sent[1]).route(sent[1]).about(sent[1]);
  EXPECT_EQ(view(raw_form(sent).raw.item), id);
  EXPECT_EQ(view(raw_form(sent).raw.route), id);
  EXPECT_EQ(sent[1], id);
}

TEST(wrapper_numbers, are_sent_in_the_shortest_form_that_reads_back_as_the_same_number) {
  EXPECT_EQ(command("x", 0.1)[1], "0.1");
  EXPECT_EQ(command("x", 0.1f)[1], "0.1");
  EXPECT_EQ(command("x", 1'700'000'000.0)[1], "1700000000");
  EXPECT_EQ(command("x", to_seconds(from_ms(1'700'000'000'123)))[1], "1700000000.123");
  EXPECT_EQ(command("x", -std::numeric_limits<double>::infinity())[1], "-inf");
  EXPECT_EQ(command("x", 0.0)[1], "0");
  EXPECT_THROW(command("x", std::nan("")), std::invalid_argument);
  std::minstd_rand random;
  for (int i = 0; i < 100'000; ++i) {
    const auto bits = (std::uint64_t{random()} << 33) ^ (std::uint64_t{random()} << 11) ^ random();
    const auto value = std::bit_cast<double>(bits);
    if (!std::isfinite(value)) continue;
    EXPECT_EQ(parse_real(command("x", value)[1]), value);
  }
}

TEST(wrapper_numbers, are_read_as_a_whole_or_not_at_all) {
  EXPECT_EQ(parse_real("1.5"), 1.5);
  EXPECT_EQ(parse_real("+3"), 3);
  EXPECT_EQ(parse_real("-1e-3"), -0.001);
  EXPECT_EQ(parse_real("-inf"), -std::numeric_limits<double>::infinity());
  for (const auto* text : {"", "+", "+-1", "1.5 ", " 1", "nan", "1e999", "0x10", "one"})
    EXPECT_EQ(parse_real(text), std::nullopt) << text;
}

TEST(wrapper_numbers, of_seconds_are_the_same_moment_again) {
  for (std::int64_t ms = 1'700'000'000'000; ms < 1'700'000'005'000; ++ms)
    EXPECT_EQ(from_seconds(to_seconds(from_ms(ms))), from_ms(ms));
  EXPECT_EQ(from_seconds(1.0001), from_ms(1001));  // not due at 1.000
  EXPECT_EQ(from_seconds(-1.5), from_ms(-1500));
  EXPECT_LT(from_seconds(-std::numeric_limits<double>::infinity()), from_ms(0));
  EXPECT_GT(from_seconds(std::numeric_limits<double>::infinity()), from_ms(4'000'000'000'000'000));
}

TEST_F(wrapper, reads_real_numbers_of_replies) {
  scripted::script = [](scan_context& scan) -> task<result> {
    const auto got = co_await scan.execute(command("ZSCORE", "k", "m"));
    EXPECT_EQ(got[0][0].real(), 1.25);
    EXPECT_EQ(got[0][1].real(), 7);
    EXPECT_EQ(got[0][2].real(), std::nullopt);
    EXPECT_EQ(got[0][3].real(), std::nullopt);
    co_return result{};
  };
  host.script(array("1.25", 7, "many", nil()));
  EXPECT_TRUE(host.scan().finished);
}

TEST(wrapper_results, add_up_and_know_a_backlog_where_both_do) {
  result total{.processed = 1, .oldest_due = from_ms(50), .backlog = 0};
  total += result{.processed = 2,
                  .unchanged = 1,
                  .errors = 3,
                  .skipped = 4,
                  .next_due = from_ms(99),
                  .oldest_due = from_ms(40),
                  .backlog = 5};
  EXPECT_EQ(total.processed, 3u);
  EXPECT_EQ(total.unchanged, 1u);
  EXPECT_EQ(total.errors, 3u);
  EXPECT_EQ(total.skipped, 4u);
  EXPECT_EQ(total.next_due, from_ms(99));
  EXPECT_EQ(total.oldest_due, from_ms(40));
  EXPECT_EQ(total.backlog, 5u);
  total += result{.next_due = from_ms(98)};
  EXPECT_EQ(total.next_due, from_ms(98));
  EXPECT_EQ(total.backlog, std::nullopt);
}

TEST_F(wrapper, shows_each_kind_of_outcome) {
  scripted::script = [](scan_context& scan) -> task<result> {
    batch commands;
    for (int i = 0; i < 6; ++i) commands.add("GET", i);
    const auto got = co_await scan.execute(std::move(commands));
    EXPECT_TRUE(got[0].ok());
    EXPECT_TRUE(got[1].error_reply());
    EXPECT_EQ(got[1].error_code(), "WRONGTYPE");
    EXPECT_TRUE(got[1].reply().is_nil());
    EXPECT_EQ(got[2].kind(), SCANHOST_OUTCOME_TRANSIENT);
    EXPECT_EQ(got[2].error_code(), "LOADING");
    EXPECT_EQ(got[3].kind(), SCANHOST_OUTCOME_TRANSIENT);
    EXPECT_EQ(got[3].error_code(), "");
    EXPECT_EQ(got[3].message(), "the connection was lost");
    EXPECT_TRUE(got[4].held_back());
    EXPECT_EQ(got[5].kind(), SCANHOST_OUTCOME_PERMANENT);
    co_return result{};
  };
  host.script("x", error("WRONGTYPE no"), error("LOADING wait"), transient(), held_back(),
              error("NOAUTH who"));
  EXPECT_TRUE(host.scan().finished);
}

TEST_F(wrapper, keeps_a_reply_while_the_scan_waits_for_other_things_and_gives_it_back_then) {
  scripted::script = [](scan_context& scan) -> task<result> {
    const auto first = co_await scan.execute(command("GET", "a"));
    const auto text = first[0].reply().text();
    { const auto second = co_await scan.execute(command("GET", "b")); }
    co_await scan.after(milliseconds(3));
    EXPECT_EQ(text, "one");
    co_return result{.processed = text.size()};
  };
  host.script("one", "two");
  host.start(0);
  while (host.step()) EXPECT_LE(host.batches_lent(), 2u);
  EXPECT_EQ(host.report(0).result.processed, 3u);
  EXPECT_EQ(host.batches_lent(), 0u);
}

TEST_F(wrapper, has_many_scans_in_flight_each_with_its_own_replies) {
  scripted::script = [](scan_context& scan) -> task<result> {
    const auto got = co_await scan.execute(command("GET", scan.tag()));
    co_return result{.processed = static_cast<std::uint64_t>(got[0].reply().integer())};
  };
  host.on("GET", [](const call& asked) {
    return value(asked.tag.size() + static_cast<unsigned char>(asked.tag[7]));
  });
  for (std::uint32_t i = 0; i < 4; ++i) host.start(i);
  host.run();
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(host.report(i).result.processed, 9u + '0' + i);
}

TEST_F(wrapper, stops_a_pass_when_the_host_says_so) {
  scripted::script = [](scan_context& scan) -> task<result> {
    auto pass = scan.pass(2);
    result found;
    std::uint32_t acted = 0;
    while (const auto turn = co_await pass.next_page(acted)) {
      acted = turn.allowance;
      found.processed += acted;
    }
    co_return found;
  };
  host.grant([](const turn_request& asked) { return asked.page < 3 ? 10u : 0u; });
  EXPECT_EQ(host.scan().result.processed, 30u);
  ASSERT_EQ(host.turns().size(), 4u);
  EXPECT_EQ(host.turns()[1].acted, 10u);
  EXPECT_EQ(host.turns()[1].pass, 2u);
}

TEST_F(wrapper, fails_a_scan_that_throws_before_its_first_wait) {
  scripted::script = [](scan_context&) -> task<result> {
    throw std::runtime_error("no such shard");
    co_return result{};
  };
  const auto report = host.scan();
  EXPECT_TRUE(report.failed);
  EXPECT_EQ(report.failure, "no such shard");
}

TEST_F(wrapper, fails_a_scan_that_throws_before_there_is_a_coroutine) {
  scripted::script = [](scan_context&) -> task<result> { throw std::bad_alloc(); };
  EXPECT_TRUE(host.scan().failed);
}

TEST_F(wrapper, fails_a_scan_that_throws_after_a_wait_and_names_what_has_no_name) {
  scripted::script = [](scan_context& scan) -> task<result> {
    co_await scan.execute(command("GET", "x"));
    throw 42;
  };
  EXPECT_THAT(host.scan().failure, HasSubstr("not a std::exception"));
  scripted::script = [](scan_context&) -> task<result> {
    throw std::runtime_error("");
    co_return result{};
  };
  EXPECT_THAT(host.scan().failure, HasSubstr("without a message"));
}

TEST_F(wrapper, lets_a_scan_catch_what_the_host_refuses_and_go_on) {
  scripted::script = [](scan_context& scan) -> task<result> {
    result found;
    try {
      command gone("GET", "x");
      batch malformed;
      malformed.add(std::move(gone));
      malformed.add(std::move(gone));  // has no arguments any more: the host refuses it
      co_await scan.execute(std::move(malformed));
    } catch (const std::logic_error&) {
      found.errors = 1;
    }
    co_await scan.after(milliseconds(-5));
    co_return found;
  };
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_THAT(host.take_violations(), ElementsAre(HasSubstr("without arguments")));
}

TEST_F(wrapper, sees_the_cancellation_of_its_scan_everywhere) {
  scripted::script = [](scan_context& scan) -> task<result> {
    const auto got = co_await scan.execute(command("GET", "x"));
    EXPECT_TRUE(got[0].cancelled());
    EXPECT_TRUE(scan.cancelled());
    EXPECT_FALSE(co_await scan.pass(0).next_page(0));
    co_await scan.after(std::chrono::hours(1));
    co_return result{.skipped = 1};
  };
  const auto begin = host.now();
  const auto scan = host.start(0);
  host.cancel(scan);
  host.run();
  EXPECT_EQ(host.report(scan).result.skipped, 1u);
  EXPECT_EQ(host.now(), begin);
}

TEST_F(wrapper, destroys_unfinished_frames_with_the_instance) {
  auto kept = std::make_shared<int>(0);
  scripted::script = [&kept](scan_context& scan) -> task<result> {
    return [](scan_context& at, std::shared_ptr<int> held) -> task<result> {
      const auto first = co_await at.execute(command("GET", "x"));
      co_await at.after(milliseconds(1));
      co_return result{.processed = static_cast<std::uint64_t>(*held)};
    }(scan, kept);
  };
  for (std::uint32_t i = 0; i < 4; ++i) host.start(i);
  EXPECT_EQ(kept.use_count(), 5);
  host.step();  // the first scan holds replies, the others wait for theirs
  host.destroy();
  EXPECT_EQ(kept.use_count(), 1);
}

TEST_F(wrapper, a_million_empty_batches_use_constant_stack) {
  scripted::script = [](scan_context& scan) -> task<result> {
    const auto depth = [] { return reinterpret_cast<std::intptr_t>(__builtin_frame_address(0)); };
    const auto first = depth();
    for (int i = 0; i < 1'000'000; ++i) {
      const auto none = co_await scan.execute(batch());
      if (!none.empty()) co_return result{.errors = 1};
    }
    EXPECT_LT(std::abs(first - depth()), 4096);
    co_return result{.processed = 1};
  };
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(host.batches(), 0u);
}

}  // namespace
