// SPDX-License-Identifier: Apache-2.0
//
// The C++ wrapper against the fake host: no exception escapes, nothing leaks, nothing recurses.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include "scanhost/scanner.hpp"
#include "scanhost/testing/fake_host.hpp"
#include "scanhost/testing/plugin_of.hpp"

namespace {

using namespace scanhost;
using namespace scanhost::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A scanner whose scan is set by the test.
class scripted : public scanner {
 public:
  static inline std::function<task<result>(scan_context&)> script = {};

  static description describe() {
    return {.name = "scripted",
            .version = "1.0.0",
            .summary = "does what the test says",
            .families = {{.name = "shard", .tag_pattern = "{shard:*}", .default_count = 4}}};
  }
  task<result> scan(scan_context& scan) override { return script(scan); }
};

class wrapper : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(host.violations(), IsEmpty());
    host.destroy();
    scripted::script = nullptr;
  }
  fake_host host{plugin_of<scripted>()};
};

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

// --- what happens around scans -------------------------------------------------------------------

class fails_to_start : public scripted {
 public:
  explicit fails_to_start(services) { throw std::runtime_error("option 'grace' is too long"); }
};

TEST(wrapper_entries, report_why_an_instance_could_not_be_made) {
  fake_host host(plugin_of<fails_to_start>());
  EXPECT_FALSE(host.create());
  EXPECT_EQ(host.create_error(), "option 'grace' is too long");
}

class refuses_an_option : public scripted {
 public:
  static description describe() {
    auto plain = scripted::describe();
    plain.options = {{.name = "queues", .type = option_type::text_list},
                     {.name = "share", .type = option_type::real, .default_value = "0.25"},
                     {.name = "mode", .type = option_type::choice, .choices = {"auto", "manual"}}};
    return plain;
  }
  explicit refuses_an_option(services host) {
    EXPECT_EQ(host.real("share"), 0.25);
    EXPECT_EQ(host.text("mode"), "auto");
    const auto queues = host.list("queues");
    if (queues.empty()) throw bad_option("queues", "needs at least one");
    if (queues[0] == "wrong name") throw bad_option("queue", "never shown");
  }
};

TEST(wrapper_entries, name_the_option_that_a_scanner_refuses) {
  fake_host host(plugin_of<refuses_an_option>());
  EXPECT_FALSE(host.create());
  EXPECT_EQ(host.create_status(), SCANHOST_BAD_OPTIONS);
  EXPECT_EQ(host.refused_option(), "queues");
  EXPECT_EQ(host.create_error(), "needs at least one");
  host.set_option("queues", {"mail"});
  EXPECT_TRUE(host.create());
}

TEST(wrapper_entries, do_not_let_a_scanner_refuse_an_option_that_it_does_not_describe) {
  fake_host host(plugin_of<refuses_an_option>());
  host.set_option("queues", {"wrong name"});
  EXPECT_FALSE(host.create());
  EXPECT_EQ(host.create_status(), SCANHOST_FAILED);
  EXPECT_NE(host.create_error().find("no option of the name"), std::string::npos);
}

TEST(wrapper_entries, cut_a_message_that_is_longer_than_the_buffer) {
  char buffer[4] = {};
  scanhost_error error{buffer, sizeof buffer, 0, {}};
  scanhost::detail::write_error(&error, "longer");
  EXPECT_EQ(std::string(buffer, error.size), "long");
  scanhost_error nowhere{nullptr, 0, 0, {}};
  scanhost::detail::write_error(&nowhere, "longer");
  EXPECT_EQ(nowhere.size, 0u);
}

class cannot_describe : public scripted {
 public:
  static description describe() { throw std::runtime_error("no"); }
};

TEST(wrapper_entries, answer_null_when_describe_throws) {
  EXPECT_EQ(scanhost::detail::entry<cannot_describe>::plugin(), nullptr);
}

class counts_cycles : public scripted {
 public:
  task<result> begin_cycle(scanhost::cycle_context& cycle) override {
    if (cycle.number() == 2) throw std::runtime_error("begin failed");
    const auto answers = co_await cycle.execute(command("GET", "flag"));
    co_return result{.processed = answers.front().ok() ? 1u : 0u};
  }
  task<result> end_cycle(scanhost::cycle_context&) override { throw std::runtime_error("end failed"); }
};

TEST(wrapper_entries, report_what_a_cycle_throws) {
  fake_host host(plugin_of<counts_cycles>());
  host.on("GET flag", "on");
  const auto begun = host.begin_cycle();
  EXPECT_TRUE(begun.finished);
  EXPECT_EQ(begun.result.processed, 1u);
  EXPECT_EQ(host.end_cycle().failure, "end failed");
  EXPECT_EQ(host.begin_cycle().failure, "begin failed");
}

TEST(wrapper_entries, leave_out_the_entries_of_a_cycle_that_a_scanner_does_not_override) {
  EXPECT_EQ(plugin_of<scripted>().begin_cycle, nullptr);
  EXPECT_EQ(plugin_of<scripted>().end_cycle, nullptr);
  EXPECT_NE(plugin_of<counts_cycles>().begin_cycle, nullptr);
}

class rich : public scripted {
 public:
  static description describe() {
    auto plain = scripted::describe();
    plain.options = {
        {.name = "grace", .type = option_type::duration, .default_value = "2s", .help = "how long"},
        {.name = "lanes", .type = option_type::text_list, .help = "which", .default_values = {"a", "b"}},
        {.name = "dry", .type = option_type::flag, .default_value = "true", .help = "only look"},
        {.name = "limit", .type = option_type::size, .default_value = "64KiB", .help = "bytes"},
        {.name = "prefix", .type = option_type::text, .help = "of keys"}};
    plain.required_extensions = {SCANHOST_EXT_FAILURES, SCANHOST_EXT_METRICS};
    return plain;
  }
  explicit rich(services host) : host_(host), failures_(host.failures()) {
    EXPECT_EQ(host.duration("grace"), std::chrono::seconds(2));
    EXPECT_EQ(host.integer("limit"), 64 * 1024);
    EXPECT_TRUE(host.flag("dry"));
    EXPECT_THAT(host.list("lanes"), ElementsAre("x", "y", "z"));
    EXPECT_EQ(host.text("prefix"), "");
    EXPECT_EQ(host.scanner_name(), "scripted");
    EXPECT_EQ(host.interval(), std::chrono::seconds(1));
    EXPECT_EQ(host.page_size(), 100u);
    EXPECT_EQ(host.partition_count("shard"), 4u);
    EXPECT_EQ(host.partition_count("flow"), 0u);
    EXPECT_THROW(host.text("grace"), std::logic_error);
    EXPECT_THROW(host.integer("absent"), std::logic_error);
  }
  task<result> scan(scan_context& scan) override {
    host_.counter("seen", "items").record(2);
    host_.counter("seen", "items").record(3);
    host_.gauge("age", "seconds", {{"queue", "q1"}}).record(1.5);
    host_.histogram("size", "bytes", {1, 10}).record(4);
    host_.gauge("not a name", "help").record(1);  // ignored
    for (int i = 0; i < 3; ++i) failures_.failure(scan, "poisoned", "no");
    host_.log(log_level::warn, "three times");
    co_return result{.skipped = failures_.should_skip(scan, "poisoned") ? 1u : 0u};
  }

 private:
  services host_;
  failures failures_;
};

class bounded : public scripted {
 public:
  static description describe() {
    auto plain = scripted::describe();
    plain.options = {{.name = "keep", .help = "from five on", .minimum = 5},
                     {.name = "below", .help = "up to zero", .minimum = -5, .maximum = 0}};
    return plain;
  }
};

TEST(wrapper_description, says_which_bounds_there_are_so_that_zero_is_one) {
  const auto& options = plugin_of<bounded>().options;
  EXPECT_EQ(options[0].minimum, 5);
  EXPECT_EQ(options[0].flags, std::uint32_t{SCANHOST_OPTION_HAS_MINIMUM});
  EXPECT_EQ(options[1].flags, std::uint32_t{SCANHOST_OPTION_HAS_MINIMUM | SCANHOST_OPTION_HAS_MAXIMUM});
  EXPECT_EQ(options[1].maximum, 0);
}

TEST(wrapper_services, are_those_of_the_host) {
  fake_host host(plugin_of<rich>());
  host.set_option("lanes", {"x", "y", "z"});
  EXPECT_EQ(host.scan().result.skipped, 1u);
  EXPECT_EQ(host.metrics().value("seen"), 5);
  EXPECT_EQ(host.metrics().value("age", {{"queue", "q1"}}), 1.5);
  EXPECT_THAT(host.metrics().find("size")->observations, ElementsAre(4));
  ASSERT_EQ(host.log().size(), 1u);
  EXPECT_EQ(host.log()[0].level, SCANHOST_LOG_WARN);
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST(wrapper_services, are_refused_up_front_when_the_host_lacks_one) {
  fake_host host(plugin_of<rich>());
  host.without_extension(SCANHOST_EXT_METRICS);
  EXPECT_FALSE(host.create());
  EXPECT_THAT(host.create_error(), HasSubstr(SCANHOST_EXT_METRICS));
}

class runs_scripts : public scripted {
 public:
  explicit runs_scripts(services host) : host_(host), script_(host.script("return 1")) {
    EXPECT_EQ(host.script("return 1").raw(), script_.raw());
    EXPECT_THROW(host.script(""), std::logic_error);
  }
  task<result> scan(scan_context& scan) override {
    EXPECT_EQ(host_.mode(), scanhost::run_mode::run);
    EXPECT_EQ(host_.server().name, "valkey");
    const auto done = co_await scan.execute(script_.on("a", "b").args("x", 7).acts("item").items(3));
    co_return result{.processed = static_cast<std::uint64_t>(done.front().reply().integer())};
  }

 private:
  services host_;
  scanhost::script script_;
};

TEST(wrapper_services, run_a_script_by_its_handle) {
  fake_host host(plugin_of<runs_scripts>());
  host.on("EVAL", 3);
  EXPECT_EQ(host.scan().result.processed, 3u);
  EXPECT_EQ(host.calls()[0].text(), "EVAL return 1 2 a b x 7");
  EXPECT_EQ(host.calls()[0].items, 3u);
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_F(wrapper, goes_on_when_another_thread_wakes_the_scan) {
  std::thread worker;
  scripted::script = [&](scan_context& scan) -> task<result> {
    const auto signal = scan.signal();
    worker = std::thread([signal] { signal.wake(); });
    const bool woken = co_await scan.wait(signal, milliseconds(3'600'000));
    co_return result{.processed = woken ? 1u : 0u};
  };
  const auto before = host.now();
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(host.now(), before);
  worker.join();
}

TEST_F(wrapper, remembers_a_wake_that_comes_before_the_wait) {
  scripted::script = [](scan_context& scan) -> task<result> {
    const auto signal = scan.signal();
    signal.wake();
    const bool first = co_await scan.wait(signal, milliseconds(0));
    const bool second = co_await scan.wait(signal, milliseconds(1));
    co_return result{.processed = first ? 1u : 0u, .errors = second ? 1u : 0u};
  };
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.errors, 0u);
}

TEST_F(wrapper, ends_a_wait_when_the_scan_is_cancelled) {
  scripted::script = [](scan_context& scan) -> task<result> {
    const auto signal = scan.signal();
    const bool woken = co_await scan.wait(signal, milliseconds(3'600'000));
    co_return result{.errors = woken ? 1u : 0u, .skipped = scan.cancelled() ? 1u : 0u};
  };
  const auto id = host.start(0);
  host.cancel(id);
  host.run();
  EXPECT_EQ(host.report(id).result.skipped, 1u);
  EXPECT_EQ(host.report(id).result.errors, 0u);
}

TEST_F(wrapper, ignores_the_wake_of_a_scan_that_has_ended) {
  scan_signal kept;
  scripted::script = [&](scan_context& scan) -> task<result> {
    kept = scan.signal();
    co_return result{};
  };
  host.scan();
  kept.wake();
  scan_signal().wake();
  EXPECT_FALSE(host.step());
}

TEST_F(wrapper, waits_for_a_descriptor_that_may_be_closed_meanwhile) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  scripted::script = [&](scan_context& scan) -> task<result> {
    const bool writable = co_await scan.writable(ends[1], milliseconds(1'000));
    auto waiting = scan.readable(ends[0], milliseconds(1'000));
    co_return result{.processed = writable && co_await waiting ? 1u : 0u};
  };
  const auto id = host.start(0);
  ASSERT_TRUE(host.step());
  ::close(ends[0]);
  ::close(ends[1]);
  host.run();
  EXPECT_EQ(host.report(id).result.processed, 1u);
}

TEST_F(wrapper, says_why_a_regular_file_is_not_waited_for) {
  std::string message;
  scripted::script = [&](scan_context& scan) -> task<result> {
    const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    try {
      co_await scan.readable(file, milliseconds(1'000));
    } catch (const std::logic_error& problem) {
      message = problem.what();
    }
    ::close(file);
    co_return result{};
  };
  EXPECT_TRUE(host.scan().finished);
  EXPECT_THAT(message, HasSubstr("regular file"));
  EXPECT_THAT(host.take_violations(), ElementsAre(HasSubstr("regular file")));
}

}  // namespace
