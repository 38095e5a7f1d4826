// SPDX-License-Identifier: Apache-2.0
//
// The SDK's examples do what they say, against the fake host. SCANHOST_EXAMPLES names another folder with
// builds of them: outside_tree.py runs this test with those that a stranger would get.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST_F(example, expired_sessions_removes_what_expired_page_by_page) {
  fake_host host(open("expired_sessions"));
  int pages = 0;
  host.on("ZRANGEBYSCORE", [&](const call&) {
    return ++pages == 1 ? array("a", "b") : pages == 2 ? array("c") : array();
  });
  host.on("EVAL", [](const call& asked) { return asked.item == "b" ? value(0) : value(1); });
  const auto report = host.visit(5);
  EXPECT_EQ(report.result.processed, 3u);
  EXPECT_EQ(report.result.unchanged, 1u);
  EXPECT_EQ(report.result.errors, 0u);
  EXPECT_EQ(host.calls()[0].text(),
            "ZRANGEBYSCORE sessions:{shard:5}:by_expiry -inf 1700000000000 LIMIT 0 100");
  ASSERT_THAT(host.calls("EVAL"), SizeIs(3));
  EXPECT_TRUE(host.calls("EVAL")[0].acts());
  EXPECT_EQ(host.calls("EVAL")[0].args[4], "session:{shard:5}:a");
  EXPECT_EQ(host.calls("EVAL")[0].args[6], "1700000000000");
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_F(example, expired_sessions_pages_past_what_fails) {
  fake_host host(open("expired_sessions"));
  int pages = 0;
  host.on("ZRANGEBYSCORE", [&](const call&) { return ++pages == 1 ? array("bad", "good") : array(); });
  host.on("EVAL", [](const call& asked) { return asked.item == "bad" ? error("WRONGTYPE no") : value(1); });
  const auto report = host.visit();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(host.calls("ZRANGEBYSCORE")[1].args[5], "1");
}

TEST_F(example, expired_sessions_ends_when_the_read_fails_and_when_it_is_cancelled) {
  fake_host host(open("expired_sessions"));
  host.on("ZRANGEBYSCORE", transient());
  EXPECT_EQ(host.visit(0).result.errors, 1u);
  host.on("ZRANGEBYSCORE", array("a", "b", "c"));
  host.on("EVAL", [&](const call&) {
    host.cancel(1);
    return 1;
  });
  EXPECT_EQ(host.visit(1).result.processed, 1u);
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_F(example, expired_sessions_says_what_it_lacks) {
  fake_host host(open("expired_sessions"));
  host.without_extension(SCANHOST_EXT_BLOCKING);
  EXPECT_FALSE(host.create());
  EXPECT_THAT(host.create_error(), HasSubstr(SCANHOST_EXT_BLOCKING));
}

TEST_F(example, queue_age_shows_the_age_of_the_oldest_job) {
  fake_host host(open("queue_age"));
  host.set_option("warn_after", "1m");
  host.on("ZRANGE queue:{shard:0}:jobs", array("job", "1699999990000"));
  host.on("ZRANGE queue:{shard:1}:jobs", array("job", "1.699999e12"));
  host.on("ZRANGE queue:{shard:2}:jobs", array());
  host.on("ZRANGE queue:{shard:3}:jobs", error("WRONGTYPE no"));
  host.on("ZCARD", 4);
  EXPECT_EQ(host.visit(0).result.oldest_due_ms, 1'699'999'990'000);
  EXPECT_EQ(host.visit(1).result.backlog, 4u);
  EXPECT_EQ(host.visit(2).result.oldest_due_ms, 0);
  EXPECT_EQ(host.visit(3).result.errors, 1u);
  EXPECT_EQ(host.metrics().value("oldest_age_seconds", "shard", "0"), 10);
  EXPECT_EQ(host.metrics().value("oldest_age_seconds", "shard", "1"), 1000);
  EXPECT_EQ(host.metrics().value("oldest_age_seconds", "shard", "2"), 0);
  EXPECT_EQ(host.metrics().find("oldest_age_seconds", "shard", "3"), nullptr);
  EXPECT_EQ(host.metrics().value("looks_total"), 4);
  ASSERT_THAT(host.log(), SizeIs(1));
  EXPECT_THAT(host.log()[0].text, HasSubstr("queue:{shard:1}:jobs"));
  EXPECT_THAT(host.violations(), IsEmpty());
}

}  // namespace
