// SPDX-License-Identifier: Apache-2.0
//
// The SDK's examples against the fake host. The variable SCANHOST_EXAMPLES names another folder with
// builds of them: outside_tree.py runs this test with builds against the installed SDK.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "scanhost/testing/fake_host.hpp"

namespace {

using namespace scanhost::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class example : public ::testing::Test {
 protected:
  const scanhost_plugin& open(const std::string& name) {
    const char* elsewhere = std::getenv("SCANHOST_EXAMPLES");
    const auto file = std::string(elsewhere == nullptr ? EXAMPLES_FOLDER : elsewhere) + "/" + name + ".so";
    library_.reset(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!library_) throw std::runtime_error(dlerror());
    return *reinterpret_cast<decltype(&scanhost_plugin_entry)>(
        dlsym(library_.get(), SCANHOST_ENTRY_SYMBOL))();
  }

 private:
  struct closer {
    void operator()(void* library) const { dlclose(library); }
  };
  std::unique_ptr<void, closer> library_;
};

TEST_F(example, session_janitor_removes_what_expired_page_by_page) {
  fake_host host(open("session_janitor"));
  int pages = 0;
  host.on("ZRANGEBYSCORE", [&](const call&) {
    return ++pages == 1 ? array("a", "b") : pages == 2 ? array("c") : array();
  });
  host.on("EVAL", [](const call& asked) { return asked.item == "b" ? value(0) : value(1); });
  const auto report = host.scan(5);
  EXPECT_EQ(report.result.processed, 3u);
  EXPECT_EQ(report.result.unchanged, 1u);
  EXPECT_EQ(report.result.errors, 0u);
  EXPECT_EQ(host.calls()[0].text(),
            "ZRANGEBYSCORE sessions:{shard:5}:by_expiry -inf 1700000000000 LIMIT 0 64");
  ASSERT_THAT(host.calls("EVAL"), SizeIs(3));
  EXPECT_TRUE(host.calls("EVAL")[0].acts());
  EXPECT_EQ(host.calls("EVAL")[0].args[4], "session:{shard:5}:a");
  EXPECT_EQ(host.calls("EVAL")[0].args[6], "1700000000000");
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_F(example, session_janitor_pages_past_what_fails) {
  fake_host host(open("session_janitor"));
  int pages = 0;
  host.on("ZRANGEBYSCORE", [&](const call&) { return ++pages == 1 ? array("bad", "good") : array(); });
  host.on("EVAL", [](const call& asked) { return asked.item == "bad" ? error("WRONGTYPE no") : value(1); });
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(host.calls("ZRANGEBYSCORE")[1].args[5], "1");
}

TEST_F(example, session_janitor_ends_when_the_read_fails_and_when_it_is_cancelled) {
  fake_host host(open("session_janitor"));
  host.on("ZRANGEBYSCORE", transient());
  EXPECT_EQ(host.scan(0).result.errors, 1u);
  host.on("ZRANGEBYSCORE", array("a", "b", "c"));
  host.on("EVAL", [&](const call&) {
    host.cancel(1);
    return 1;
  });
  host.scan(1);
  EXPECT_THAT(host.calls("ZRANGEBYSCORE"), SizeIs(2));
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_F(example, session_janitor_leaves_an_id_that_is_too_long_and_takes_the_next) {
  fake_host host(open("session_janitor"));
  int pages = 0;
  host.on("ZRANGEBYSCORE",
          [&](const call&) { return ++pages == 1 ? array(std::string(600, 'x'), "good") : array(); });
  host.on("EVAL", value(1));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(host.calls("ZRANGEBYSCORE")[1].args[5], "1");
}

TEST_F(example, session_janitor_says_what_it_lacks) {
  fake_host host(open("session_janitor"));
  host.without_extension(SCANHOST_EXT_BLOCKING);
  EXPECT_FALSE(host.create());
  EXPECT_THAT(host.create_error(), HasSubstr(SCANHOST_EXT_BLOCKING));
}

// The groups of one stream in the form of XINFO GROUPS' answer.
value group(const char* name, int pending, value lag) {
  return array(array("name", name, "consumers", 1, "pending", pending, "last-delivered-id", "5-0",
                     "entries-read", nil(), "lag", std::move(lag)));
}

TEST_F(example, stream_lag_shows_how_far_each_group_is_behind) {
  fake_host host(open("stream_lag"));
  host.set_option("streams", {"orders", "mails", "gone"});
  host.set_option("warn_above", "100");
  host.on("XINFO GROUPS orders", group("billing", 2, 101));
  host.on("XINFO GROUPS mails", group("smtp", 0, nil()));
  host.on("XINFO GROUPS gone", error("ERR no such key"));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.skipped, 1u);
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(report.result.flags & SCANHOST_RESULT_BACKLOG, 0u);
  EXPECT_EQ(host.metrics().value("group_lag", {{"group", "orders/billing"}}), 101);
  EXPECT_EQ(host.metrics().value("group_pending", {{"group", "orders/billing"}}), 2);
  EXPECT_TRUE(std::isnan(host.metrics().value("group_lag", {{"group", "mails/smtp"}})));
  EXPECT_EQ(host.calls()[1].route, "mails");
  ASSERT_THAT(host.log(), SizeIs(2));
  EXPECT_THAT(host.log()[0].text, HasSubstr("orders/billing is 101 entries behind"));
  EXPECT_THAT(host.log()[1].text, HasSubstr("gone: "));
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_F(example, stream_lag_sums_up_what_is_behind) {
  fake_host host(open("stream_lag"));
  host.set_option("streams", {"orders", "mails"});
  host.on("XINFO GROUPS orders", group("billing", 2, 101));
  host.on("XINFO GROUPS mails", array());
  EXPECT_EQ(host.scan().result.backlog, 101u);
}

TEST_F(example, key_ttl_audit_counts_keys_that_never_expire) {
  fake_host host(open("key_ttl_audit"));
  host.set_option("prefixes", {"session:", "a*"});
  host.on("SCAN 0 MATCH session:* COUNT 500", array("7", array("session:1", "session:2")));
  host.on("SCAN 7 MATCH session:* COUNT 500", array("0", array("session:3")));
  host.on("SCAN 0 MATCH a\\** COUNT 500", array("0", array()));
  host.on("PTTL", 5000);
  host.on("PTTL session:2", -1);
  host.on("PTTL session:3", -2);
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 3u);
  EXPECT_EQ(report.result.errors, 0u);
  EXPECT_EQ(host.metrics().value("keys_without_ttl", {{"prefix", "session:"}}), 1);
  EXPECT_EQ(host.metrics().value("keys_without_ttl", {{"prefix", "a*"}}), 0);
  EXPECT_THAT(host.log()[0].text, HasSubstr("1 of 3 keys that begin with session:"));
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_F(example, key_ttl_audit_keeps_its_place_between_cycles_and_reads_a_failed_page_again) {
  fake_host host(open("key_ttl_audit"));
  host.set_option("prefixes", "k:");
  host.grant([pages = 0](const turn_request&) mutable { return ++pages % 2 == 0 ? 0u : 500u; });
  host.on("SCAN 0", array("7", array("k:1")));
  host.on("SCAN 7", array("0", array("k:2")));
  host.on("PTTL", -1);
  host.scan();
  host.on("PTTL k:2", transient());
  host.scan();
  EXPECT_EQ(host.calls("SCAN").back().args[1], "7");
  EXPECT_EQ(host.metrics().find("keys_without_ttl", {{"prefix", "k:"}}), nullptr);
  host.on("PTTL k:2", -1);
  host.grant([](const turn_request&) { return 500u; });
  host.scan();
  EXPECT_EQ(host.calls("SCAN").back().args[1], "7");
  EXPECT_EQ(host.metrics().value("keys_without_ttl", {{"prefix", "k:"}}), 2);
}

TEST_F(example, key_ttl_audit_hands_its_place_over_to_the_next_build) {
  const auto& plugin = open("key_ttl_audit");
  fake_host before(plugin), after(plugin);
  for (auto* host : {&before, &after}) {
    host->set_option("prefixes", {"odd \"prefix\"", "k:"});
    host->on("SCAN 0", array("7", array("k:1")));
    host->on("SCAN 7", array("0", array("k:2")));
    host->on("PTTL", -1);
  }
  before.grant([](const turn_request& asked) { return asked.page == 0 ? 500u : 0u; });
  before.scan();
  const auto state = before.export_state();
  ASSERT_TRUE(state.has_value());
  ASSERT_TRUE(after.import_state(1, *state)) << after.state_error();
  after.scan();
  EXPECT_EQ(after.calls("SCAN").front().args[1], "7");
  EXPECT_EQ(after.metrics().value("keys_without_ttl", {{"prefix", "k:"}}), 2);
  EXPECT_EQ(after.metrics().value("keys_without_ttl", {{"prefix", "odd \"prefix\""}}), 2);
}

TEST_F(example, key_ttl_audit_takes_over_nothing_that_it_cannot_read) {
  fake_host host(open("key_ttl_audit"));
  host.on("SCAN 0", array("0", array()));
  EXPECT_FALSE(host.import_state(2, "0 7 1 1 0 \"session:\"\n"));
  EXPECT_THAT(host.state_error(), HasSubstr("another format"));
  EXPECT_TRUE(host.import_state(1, "0 7 many 1 0 \"session:\"\n"));
  host.scan();
  EXPECT_EQ(host.calls("SCAN").front().args[1], "0");
}

class notifier : public example {
 protected:
  // A page of one notice, and then nothing.
  static void offer(fake_host& host, const char* notice) {
    host.on("ZRANGEBYSCORE", [notice, pages = std::make_shared<int>(0)](const call&) {
      return ++*pages == 1 ? array(notice, "1699999999000") : array();
    });
    host.on("GET", "text");
    host.on("EVAL", 1);
  }
};

TEST_F(notifier, holds_its_requests_back_unless_the_host_is_in_a_real_run) {
  const auto& plugin = open("webhook_notifier");
  for (const int mode : {int{SCANHOST_MODE_VERIFY}, int{SCANHOST_MODE_DRY_RUN}, 99}) {
    host_settings settings;
    settings.mode = mode;
    fake_host host(plugin, settings);
    host.set_option("url", "http://127.0.0.1:1/");  // nobody listens there: a request would fail
    offer(host, "a");
    const auto report = host.scan(5);
    EXPECT_EQ(report.result.processed, 1u);
    ASSERT_THAT(host.calls("EVAL"), SizeIs(1));
    EXPECT_TRUE(host.calls("EVAL")[0].acts());
    EXPECT_EQ(host.calls("EVAL")[0].args[4], "notice:{shard:5}:a");
    EXPECT_THAT(host.violations(), IsEmpty());
  }
}

TEST_F(notifier, counts_a_webhook_that_is_not_there_against_the_notice) {
  fake_host host(open("webhook_notifier"));
  host.set_option("url", "http://127.0.0.1:1/");
  offer(host, "a");
  const auto report = host.scan(5);
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(host.failures().count("{shard:5}", "a"), 1u);
  EXPECT_THAT(host.calls("EVAL"), IsEmpty());
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_F(notifier, refuses_an_url_that_it_cannot_use) {
  const auto& plugin = open("webhook_notifier");
  for (const auto* url :
       {"", "127.0.0.1:80", "https://127.0.0.1:80/", "http://127.0.0.1/", "http://example.org:80/",
        "http://127.0.0.1:0/", "http://127.0.0.1:70000/", "http://[::1:80/", "http://127.0.0.1:80/a b"}) {
    fake_host host(plugin);
    host.set_option("url", url);
    EXPECT_FALSE(host.create()) << url;
    EXPECT_THAT(host.create_error(), HasSubstr("expected http:// with a numeric address and a port")) << url;
  }
  for (const auto* url : {"http://127.0.0.1:80", "http://[::1]:8080/hook?a=b"}) {
    fake_host host(plugin);
    host.set_option("url", url);
    EXPECT_TRUE(host.create()) << url << ": " << host.create_error();
  }
}

#ifdef WITH_RUST
TEST_F(example, presence_takes_out_who_is_silent_page_by_page) {
  fake_host host(open("presence"));
  host.set_option("timeout", "10s");
  host.script(100, 7, 0);
  const auto report = host.scan(5);
  EXPECT_EQ(report.result.processed, 107u);
  EXPECT_EQ(report.result.errors, 0u);
  ASSERT_THAT(host.calls("EVAL"), SizeIs(3));
  EXPECT_TRUE(host.calls()[0].acts());
  EXPECT_EQ(host.calls()[0].args[3], "presence:{room:5}");
  EXPECT_EQ(host.calls()[0].args[4], "1699999990000");
  EXPECT_EQ(host.calls()[0].args[5], "100");
  EXPECT_EQ(host.turns()[1].acted, 100u);
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_F(example, presence_leaves_a_room_that_cannot_be_read_to_the_next_cycle) {
  fake_host host(open("presence"));
  host.script(transient(), error("WRONGTYPE no"), "OK");
  for (const std::uint32_t room : {0u, 1u, 2u}) EXPECT_EQ(host.scan(room).result.errors, 1u);
  EXPECT_THAT(host.calls("EVAL"), SizeIs(3));
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_F(example, presence_says_what_it_lacks) {
  fake_host host(open("presence"));
  host.without_extension(SCANHOST_EXT_BLOCKING);
  EXPECT_FALSE(host.create());
  EXPECT_THAT(host.create_error(), HasSubstr(SCANHOST_EXT_BLOCKING));
}
#endif

}  // namespace
