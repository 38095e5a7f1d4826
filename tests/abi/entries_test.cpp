// SPDX-License-Identifier: Apache-2.0
//
// The entries behind a C++ scanner's descriptor, its description, and the services that it is lent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>

#include "scripted.hpp"

namespace {

using namespace scanhost;
using namespace scanhost::testing;
using namespace wrapper_tests;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

}  // namespace
