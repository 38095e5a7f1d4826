// SPDX-License-Identifier: Apache-2.0
//
// The fake host reports what a plugin does against the rules, and decides like the real host unless a test
// asks for something else.
#include "scanhost/testing/fake_host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scanhost/scanner.hpp"

namespace {

using namespace scanhost;
using namespace scanhost::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A plugin on the bare ABI whose scan is set by the test.
struct rogue {
  static inline const scanhost_host* host = nullptr;
  static inline std::function<void(scanhost_scan*)> script = {};
  static inline std::function<void(const scanhost_replies*)> on_replies = {};

  static scanhost_plugin plugin(std::uint32_t flags = 0) {
    static const scanhost_family family{
        sizeof family, 2, SCANHOST_TEXT("shard"), SCANHOST_TEXT("{shard:*}"), {}, {}, 0, 0, {}};
    scanhost_plugin plugin{};
    plugin.struct_size = sizeof plugin;
    plugin.flags = flags;
    plugin.name = to_c("rogue");
    plugin.families = &family;
    plugin.family_count = 1;
    plugin.family_stride = sizeof family;
    plugin.default_interval_ms = 1000;
    plugin.default_page_size = 10;
    plugin.create = [](const scanhost_host* lent, void** self, scanhost_error*) -> scanhost_status {
      host = lent;
      *self = &script;
      return SCANHOST_OK;
    };
    plugin.destroy = [](void*) {};
    plugin.scan = [](void*, scanhost_scan* scan, const scanhost_partition*) { script(scan); };
    return plugin;
  }

  static scanhost_status execute(scanhost_scan* scan, std::vector<scanhost_string> args) {
    scanhost_command command{};
    command.struct_size = sizeof command;
    command.args = args.data();
    command.arg_count = args.size();
    return host->execute(
        host, scan, &command, 1, sizeof command, [](void*, const scanhost_replies* got) { on_replies(got); },
        nullptr);
  }
  static void finish(scanhost_scan* scan) {
    scanhost_result result{};
    result.struct_size = sizeof result;
    host->finish(host, scan, &result);
  }
};

class a_fake_host : public ::testing::Test {
 protected:
  const scanhost_plugin plugin = rogue::plugin();
  fake_host host{plugin};
};

TEST_F(a_fake_host, sees_a_scan_that_is_finished_twice) {
  rogue::script = [](scanhost_scan* scan) {
    rogue::finish(scan);
    rogue::finish(scan);
  };
  EXPECT_TRUE(host.scan().finished);
  EXPECT_THAT(host.violations(), ElementsAre("it calls finish for a scan that is finished"));
}

TEST_F(a_fake_host, sees_a_scan_that_is_never_finished) {
  rogue::script = [](scanhost_scan*) {};
  EXPECT_FALSE(host.scan().finished);
  EXPECT_THAT(host.violations(), ElementsAre(HasSubstr("was not finished")));
}

TEST_F(a_fake_host, sees_a_finish_before_a_callback_and_drops_the_callback) {
  rogue::on_replies = [](const scanhost_replies*) { FAIL(); };
  rogue::script = [](scanhost_scan* scan) {
    EXPECT_EQ(rogue::execute(scan, {to_c("PING")}), SCANHOST_OK);
    rogue::finish(scan);
  };
  host.scan();
  EXPECT_THAT(host.violations(), ElementsAre(HasSubstr("still to come")));
}

TEST_F(a_fake_host, sees_a_command_that_is_never_sent) {
  rogue::script = [](scanhost_scan* scan) {
    rogue::on_replies = [scan](const scanhost_replies*) { rogue::finish(scan); };
    rogue::execute(scan, {to_c("SHUTDOWN")});
  };
  host.scan();
  EXPECT_THAT(host.violations(), ElementsAre(HasSubstr("SHUTDOWN: refused")));
}

TEST_F(a_fake_host, sees_a_page_that_is_asked_for_after_a_refusal) {
  rogue::script = [](scanhost_scan* scan) {
    static constexpr auto finish = [](void* user, std::uint32_t) {
      rogue::finish(static_cast<scanhost_scan*>(user));
    };
    const auto ask_again = [](void* user, std::uint32_t) {
      rogue::host->next_page(rogue::host, static_cast<scanhost_scan*>(user), 0, 0, finish, user);
    };
    rogue::host->next_page(rogue::host, scan, 0, 0, ask_again, scan);
  };
  host.grant([](const turn_request&) { return 0u; });
  host.scan();
  EXPECT_THAT(host.violations(), ElementsAre(HasSubstr("after its turn was refused")));
}

TEST_F(a_fake_host, sees_a_batch_that_is_released_twice) {
  rogue::script = [](scanhost_scan* scan) {
    rogue::on_replies = [scan](const scanhost_replies* got) {
      rogue::host->replies_release(rogue::host, scan, got);
      rogue::host->replies_release(rogue::host, scan, got);
      rogue::finish(scan);
    };
    rogue::execute(scan, {to_c("PING")});
  };
  host.script(status("PONG"));
  host.scan();
  EXPECT_THAT(host.violations(), ElementsAre(HasSubstr("second time")));
}

TEST(a_fake_host_with_functions, answers_a_call_of_one_that_is_missing_as_the_host_does) {
  EXPECT_EQ(kind_of_error("ERR Function not found"), SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_EQ(kind_of_error("ERR Function"), SCANHOST_OUTCOME_ERROR_REPLY);
}

TEST(a_fake_host_with_functions, takes_them_away_and_gives_them_back) {
  const scanhost_string function = to_c("use_it");
  auto plugin = rogue::plugin();
  plugin.optional_functions = &function;
  plugin.optional_function_count = 1;
  fake_host host(plugin);
  const auto available = [] { return rogue::host->function_available(rogue::host, to_c("use_it")); };
  int answer = 0;
  rogue::script = [&](scanhost_scan* scan) {
    answer = available();
    rogue::finish(scan);
  };
  host.scan();
  EXPECT_EQ(answer, 1);
  host.set_missing_functions({"use_it"});
  host.scan();
  EXPECT_EQ(answer, 0);
  host.set_missing_functions({});
  host.scan();
  EXPECT_EQ(answer, 1);
}

TEST_F(a_fake_host, refuses_what_the_real_one_refuses) {
  std::vector<int> kinds;
  for (const std::vector<scanhost_string>& args :
       std::vector<std::vector<scanhost_string>>{{to_c("multi")},
                                                 {to_c("CLIENT"), to_c("REPLY"), to_c("OFF")},
                                                 {to_c("BLPOP"), to_c("q"), to_c("0")},
                                                 {to_c("XREAD"), to_c("block"), to_c("0")},
                                                 {to_c("CLIENT"), to_c("ID")}}) {
    rogue::script = [&](scanhost_scan* scan) {
      rogue::on_replies = [&, scan](const scanhost_replies* got) {
        kinds.push_back(got->outcomes->kind);
        rogue::finish(scan);
      };
      rogue::execute(scan, args);
    };
    host.on("CLIENT", 7);
    host.scan();
  }
  EXPECT_THAT(kinds, ElementsAre(SCANHOST_OUTCOME_REFUSED, SCANHOST_OUTCOME_REFUSED, SCANHOST_OUTCOME_REFUSED,
                                 SCANHOST_OUTCOME_REFUSED, SCANHOST_OUTCOME_REPLY));
}

TEST_F(a_fake_host, offers_no_blocking_forms_to_a_plugin_that_is_not_serial) {
  const auto* offered = reinterpret_cast<const void*>(1);
  rogue::script = [&](scanhost_scan* scan) {
    offered = rogue::host->get_extension(rogue::host, to_c(SCANHOST_EXT_BLOCKING));
    rogue::finish(scan);
  };
  host.scan();
  EXPECT_EQ(offered, nullptr);
}

TEST(a_fake_host_turn, ends_a_pass_after_one_page_of_acted_when_drain_is_off) {
  const auto plugin = rogue::plugin(SCANHOST_PLUGIN_SERIAL);
  fake_host host(plugin, {.page_size = 10, .drain = false});
  std::vector<std::uint32_t> allowances;
  rogue::script = [&](scanhost_scan* scan) {
    const auto* blocking = static_cast<const scanhost_blocking*>(
        rogue::host->get_extension(rogue::host, to_c(SCANHOST_EXT_BLOCKING)));
    for (const std::uint32_t acted : {0u, 4u, 6u})
      allowances.push_back(blocking->next_page(rogue::host, scan, 0, acted));
    allowances.push_back(blocking->next_page(rogue::host, scan, 1, 0));  // another pass has its own limit
    rogue::finish(scan);
  };
  host.scan();
  EXPECT_THAT(allowances, ElementsAre(10u, 6u, 0u, 10u));
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST(a_fake_tracker, skips_an_item_for_nine_cycles_after_its_third_failure) {
  fake_failures tracker;
  for (int i = 0; i < 3; ++i) tracker.failure("{s:0}", "x", "no");
  int skipped = 0;
  for (int cycle = 1; cycle <= 10; ++cycle) {
    tracker.advance();
    if (tracker.should_skip("{s:0}", "x")) ++skipped;
  }
  EXPECT_EQ(skipped, 9);
  EXPECT_FALSE(tracker.should_skip("{s:0}", "x"));
}

// Counts its scans by member, and names `named` in begin_cycle.
class listed : public scanner {
 public:
  static inline description about = {};
  static inline std::vector<std::string> named = {};
  static inline std::vector<std::string> scanned = {};

  static description describe() { return about; }
  explicit listed(services host) : host_(host), failures_(host.failures()) {}
  task<result> begin_cycle(cycle_context& cycle) override {
    for (const auto& member : named) cycle.add_member(member);
    co_return result{};
  }
  task<result> scan(scan_context& scan) override {
    scanned.push_back(std::to_string(scan.index()) + "/" + std::to_string(host_.partition_count("queue")) +
                      " " + std::string(scan.tag()) + " " + std::string(scan.member()));
    failures_.failure(scan, "item", "why not");
    co_return result{};
  }

 private:
  services host_;
  scanhost::failures failures_;
};

class a_listed_family : public ::testing::Test {
 protected:
  a_listed_family() {
    listed::named = listed::scanned = {};
    listed::about = {};
    listed::about.name = "listed";
    listed::about.families = {{"queue", "{q:*}"}};
    listed::about.options = {{"queues", option_type::text_list}};
  }
  static const scanhost_plugin& plugin_of(members kind, const std::string& from = {}) {
    listed::about.families[0].members = kind;
    listed::about.families[0].members_from = from;
    static std::optional<detail::descriptor> kept;
    static scanhost_plugin raw;
    kept.emplace(listed::about);
    raw = detail::entry<listed>::with_entries(kept->raw());
    if (kind != members::from_plugin) raw.begin_cycle = nullptr;
    return raw;
  }
};

TEST_F(a_listed_family, has_the_members_of_its_option) {
  fake_host host(plugin_of(members::from_option, "queues"));
  host.set_option("queues", {"mail", "sms", "mail"});
  host.cycle();
  EXPECT_THAT(listed::scanned, ElementsAre("0/2 {q:mail} mail", "1/2 {q:sms} sms"));
}

TEST_F(a_listed_family, has_the_members_that_a_test_sets_for_its_key) {
  host_settings settings;
  settings.members = {"mail"};
  fake_host host(plugin_of(members::from_key, "all:queues"), settings);
  EXPECT_EQ(host.partitions(), 0u);
  host.cycle();
  host.set_members({"sms"});
  host.cycle();
  EXPECT_THAT(listed::scanned, ElementsAre("0/1 {q:mail} mail", "0/1 {q:sms} sms"));
  EXPECT_EQ(host.failures().count("{q:mail}", "item"), 0u);
  EXPECT_EQ(host.failures().count("{q:sms}", "item"), 1u);
}

TEST_F(a_listed_family, has_the_members_that_the_plugin_names_in_this_cycle) {
  fake_host host(plugin_of(members::from_plugin));
  listed::named = {"mail", "sms", "mail"};
  host.cycle();
  listed::named = {"sms"};
  host.cycle();
  EXPECT_THAT(listed::scanned, ElementsAre("0/2 {q:mail} mail", "1/2 {q:sms} sms", "0/1 {q:sms} sms"));
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_F(a_listed_family, has_no_partition_beyond_its_members) {
  host_settings settings;
  settings.members = {"mail"};
  fake_host host(plugin_of(members::from_key, "all:queues"), settings);
  EXPECT_TRUE(host.scan(0).finished);
  EXPECT_THROW(host.scan(1), std::out_of_range);
}

TEST_F(a_listed_family, takes_no_member_that_the_real_host_refuses) {
  host_settings settings;
  settings.members = {"a{b"};
  fake_host host(plugin_of(members::from_key, "all:queues"), settings);
  EXPECT_THROW(host.begin_cycle(), std::invalid_argument);
  fake_host other(plugin_of(members::from_plugin));
  listed::named = {""};
  EXPECT_THAT(other.begin_cycle().failure, HasSubstr("the member is empty"));
}

TEST_F(a_listed_family, sees_a_member_that_is_named_for_another_family) {
  listed::named = {"mail"};
  auto plugin = plugin_of(members::from_plugin);
  scanhost_family counted = plugin.families[0];
  counted.members = SCANHOST_MEMBERS_COUNTED;
  counted.default_count = 2;
  plugin.families = &counted;
  fake_host host(plugin);
  const auto report = host.begin_cycle();
  EXPECT_THAT(report.failure, HasSubstr("another one"));
  EXPECT_THAT(host.violations(), ElementsAre(HasSubstr("it names a member outside of begin_cycle")));
}

TEST(a_fake_option, is_refused_when_its_minimum_is_above_its_maximum) {
  auto plugin = rogue::plugin();
  scanhost_option keep{};
  keep.struct_size = sizeof keep;
  keep.type = SCANHOST_OPTION_INTEGER;
  keep.name = to_c("keep");
  keep.flags = SCANHOST_OPTION_HAS_MINIMUM | SCANHOST_OPTION_HAS_MAXIMUM;
  keep.minimum = 5;
  plugin.options = &keep;
  plugin.option_count = 1;
  plugin.option_stride = sizeof keep;
  EXPECT_THROW(fake_host{plugin}, std::invalid_argument);
}

class fake_option_rules : public ::testing::Test {
 protected:
  fake_option_rules() {
    plugin.options = rows;
    plugin.option_count = 4;
    plugin.option_stride = sizeof rows[0];
    choices[0] = to_c("auto");
    choices[1] = to_c("manual");
    set(rows[0], SCANHOST_OPTION_TEXT_LIST, "urls", SCANHOST_OPTION_REQUIRED | SCANHOST_OPTION_HAS_MINIMUM);
    rows[0].minimum = 1;
    set(rows[1], SCANHOST_OPTION_REAL, "share", SCANHOST_OPTION_HAS_MAXIMUM);
    rows[1].real_maximum = 1;
    set(rows[2], SCANHOST_OPTION_CHOICE, "mode", 0);
    rows[2].choices = choices;
    rows[2].choice_count = 2;
    set(rows[3], SCANHOST_OPTION_INTEGER, "count", SCANHOST_OPTION_HAS_MINIMUM);
  }
  static void set(scanhost_option& row, std::int32_t type, std::string_view name, std::uint32_t flags) {
    row.struct_size = sizeof row;
    row.type = type;
    row.name = to_c(name);
    row.flags = flags;
  }

  scanhost_option rows[4] = {};
  scanhost_string choices[2] = {};
  scanhost_plugin plugin = rogue::plugin();
};

TEST_F(fake_option_rules, keep_a_plugin_from_being_created_without_a_required_option) {
  fake_host host(plugin);
  EXPECT_FALSE(host.create());
  EXPECT_EQ(host.create_status(), SCANHOST_BAD_OPTIONS);
  EXPECT_EQ(host.refused_option(), "urls");
  EXPECT_NE(host.create_error().find("set_option()"), std::string::npos);
  host.set_option("urls", {"a"});
  EXPECT_TRUE(host.create());
}

TEST_F(fake_option_rules, hold_values_to_bounds_and_choices) {
  fake_host host(plugin);
  EXPECT_THROW(host.set_option("urls", std::vector<std::string>{}), std::invalid_argument);
  EXPECT_THROW(host.set_option("share", "1.5"), std::invalid_argument);
  EXPECT_THROW(host.set_option("share", "much"), std::invalid_argument);
  EXPECT_THROW(host.set_option("mode", "neither"), std::invalid_argument);
  EXPECT_THROW(host.set_option("count", "-1"), std::invalid_argument);
  EXPECT_NO_THROW(host.set_option("share", "-0.5"));
  EXPECT_NO_THROW(host.set_option("mode", "manual"));
  EXPECT_NO_THROW(host.set_option("count", "0"));
}

TEST(a_fake_store, answers_from_the_data_behind_it_what_no_rule_answers) {
  memory_store data;
  data.run("SET", "k", "v", "PX", 500);
  fake_store store;
  store.use(data);
  store.on("GET ruled", "by a rule");
  call asked;
  asked.args = {"GET", "ruled"};
  EXPECT_EQ(store.ask(asked).reply.text, "by a rule");
  asked.args = {"GET", "k"};
  EXPECT_EQ(store.ask(asked).reply.text, "v");
  EXPECT_EQ(store.ask(asked, timestamp(milliseconds(500))).reply.kind, SCANHOST_REPLY_NIL);  // it has expired
  EXPECT_EQ(store.calls().size(), 3u);
}

TEST(a_fake_option, reads_values_as_yaml_has_them) {
  EXPECT_EQ(parse_option(SCANHOST_OPTION_DURATION, "1500ms"), 1500);
  EXPECT_EQ(parse_option(SCANHOST_OPTION_DURATION, "7d"), 604'800'000);
  EXPECT_EQ(parse_option(SCANHOST_OPTION_DURATION, "1.5s"), 1500);
  EXPECT_EQ(parse_option(SCANHOST_OPTION_SIZE, "1.5MB"), 1'500'000);
  EXPECT_EQ(parse_option(SCANHOST_OPTION_DURATION, "1500"), std::nullopt);
  EXPECT_EQ(parse_option(SCANHOST_OPTION_SIZE, "64KiB"), 65'536);
  EXPECT_EQ(parse_option(SCANHOST_OPTION_FLAG, "true"), 1);
  EXPECT_EQ(parse_option(SCANHOST_OPTION_INTEGER, "-3"), -3);
  EXPECT_EQ(parse_option(SCANHOST_OPTION_INTEGER, "3s"), std::nullopt);
  EXPECT_EQ(parse_option(SCANHOST_OPTION_FLAG, "yes"), std::nullopt);
}

}  // namespace
