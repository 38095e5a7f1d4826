// SPDX-License-Identifier: Apache-2.0
//
// Plugins of other minors than this one: the golden one of 1.0, and such whose structs are longer or
// shorter than the host's; against hosts whose structs are as these headers say, and longer.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "scanhost/testing/fake_host.hpp"

namespace {

using namespace scanhost::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// An open plugin file of this test's build.
class plugin_file {
 public:
  explicit plugin_file(const std::string& name)
      : library_(dlopen((GOLDEN_FOLDER "/" + name + ".so").c_str(), RTLD_NOW | RTLD_LOCAL), &dlclose) {
    if (!library_) throw std::runtime_error(dlerror());
  }
  const scanhost_plugin& plugin() const {
    return *reinterpret_cast<decltype(&scanhost_plugin_entry)>(
        dlsym(library_.get(), SCANHOST_ENTRY_SYMBOL))();
  }

 private:
  std::unique_ptr<void, int (*)(void*)> library_;
};

// A host as long as these headers say, and one of a later minor with more at the end of every struct.
class hosts : public ::testing::TestWithParam<std::size_t> {
 protected:
  static host_settings settings() {
    host_settings settings;
    settings.beyond = GetParam();
    settings.abi_minor =
        static_cast<std::uint16_t>(GetParam() == 0 ? SCANHOST_ABI_MINOR : SCANHOST_ABI_MINOR + 1);
    return settings;
  }
};

TEST_P(hosts, run_the_golden_plugin_of_1_0) {
  const plugin_file golden("golden_1_0");
  fake_host host(golden.plugin(), settings());
  host.set_option("limit", "2");
  int pages = 0;
  host.on("ZRANGEBYSCORE", [&](const call&) {
    ++pages;
    return pages == 1 ? array("a", "b") : pages == 2 ? array("c", "stuck") : array("stuck");
  });
  host.on("ZCARD", 41);
  host.on("HGET kinds a", "first");
  host.on("EVAL", [](const call& asked) { return asked.item == "b" ? answer(0) : answer(1); });
  host.failures().back_off("{golden:3}", "stuck");
  const auto report = host.scan(3);
  EXPECT_TRUE(report.finished);
  EXPECT_EQ(report.result.processed, 3u);
  EXPECT_EQ(report.result.unchanged, 1u);
  EXPECT_EQ(report.result.skipped, 2u);
  EXPECT_EQ(report.result.backlog, 41u);
  EXPECT_EQ(host.calls()[0].text(), "ZRANGEBYSCORE golden:{golden:3}:due -inf 1699999998000 LIMIT 0 2");
  EXPECT_EQ(host.calls()[2].route, "{elsewhere}");
  EXPECT_EQ(host.calls()[0].batch, host.calls()[2].batch);
  ASSERT_THAT(host.calls("EVAL"), SizeIs(3));
  EXPECT_TRUE(host.calls("EVAL")[1].acts());
  EXPECT_EQ(host.calls("EVAL")[1].due_ms, 1001);
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_P(hosts, scan_the_members_that_the_golden_plugin_of_1_0_names) {
  const plugin_file golden("golden_listed_1_0");
  fake_host host(golden.plugin(), settings());
  host.on("SMEMBERS golden:tenants", array("acme", "zeta", "acme"));
  host.on("LLEN", 3);
  EXPECT_EQ(host.cycle().result.processed, 2u);
  ASSERT_THAT(host.calls("LLEN"), SizeIs(2));
  EXPECT_EQ(host.calls("LLEN")[0].text(), "LLEN golden:{tenant:acme}:acme");
  host.on("SMEMBERS golden:tenants", array("zeta"));
  EXPECT_EQ(host.cycle().result.backlog, 3u);
  EXPECT_EQ(host.partitions(), 1u);
}

TEST_P(hosts, let_the_golden_plugin_wait_for_its_thread_and_a_descriptor) {
  const plugin_file golden("golden_wake_1_0");
  fake_host host(golden.plugin(), settings());
  const auto before = host.now();
  const auto report = host.scan();
  EXPECT_TRUE(report.finished);
  EXPECT_EQ(report.result.processed, 2u);
  EXPECT_EQ(host.now(), before);
  host.destroy();
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_P(hosts, refuse_a_command_with_a_flag_that_1_0_does_not_know) {
  const plugin_file golden("golden_unknown_flags_in_command_1_0");
  fake_host host(golden.plugin(), settings());
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_THAT(host.calls(), IsEmpty());
  ASSERT_THAT(host.violations(), SizeIs(1));
  EXPECT_THAT(host.violations()[0], HasSubstr("flags that do not exist"));
}

TEST_P(hosts, give_the_golden_plugin_its_required_option) {
  const plugin_file golden("golden_required_1_0");
  fake_host host(golden.plugin(), settings());
  host.set_option("queues", {"mail", "images"});
  host.on("LLEN", 3);
  EXPECT_EQ(host.scan().result.processed, 2u);
  EXPECT_EQ(host.calls()[1].text(), "LLEN images");
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_P(hosts, tell_the_golden_plugin_of_errors_and_time_outs) {
  const plugin_file golden("golden_1_0");
  fake_host host(golden.plugin(), settings());
  host.on("ZRANGEBYSCORE", array("a"));
  host.on("ZCARD", transient());
  host.on("HGET", nil());
  host.on("EVAL", error("OOM command not allowed"));
  host.grant([](const turn_request& asked) { return asked.page < 3 ? 10u : 0u; });
  EXPECT_EQ(host.scan(0).result.errors, 3u);
  EXPECT_THAT(host.failures().seen(), SizeIs(3));
  host.cancel(host.start(1));
  host.run();
  EXPECT_TRUE(host.report(1).finished);
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_P(hosts, let_the_golden_plugin_end_a_scan_whose_page_failed) {
  const plugin_file golden("golden_1_0");
  fake_host host(golden.plugin(), settings());
  host.on("ZRANGEBYSCORE", error("WRONGTYPE not a sorted set"));
  EXPECT_EQ(host.scan(0).result.errors, 1u);
}

TEST_P(hosts, read_a_plugin_of_a_later_minor_as_far_as_they_know_it) {
  const plugin_file later("later_minor");
  fake_host host(later.plugin(), settings());
  host.script(1, 20, 300);
  EXPECT_EQ(host.scan(1).result.processed, 321u);
  EXPECT_EQ(host.calls()[2].text(), "GET c");
  EXPECT_EQ(host.calls()[2].due_ms, 5);
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST_P(hosts, take_what_a_shorter_struct_does_not_have_for_zero) {
  const plugin_file shorter("shorter_structs");
  fake_host host(shorter.plugin(), settings());
  host.script(1, 20, 300);
  const auto report = host.scan(1);
  EXPECT_EQ(report.result.processed, 321u);
  EXPECT_EQ(report.result.backlog, 0u);
  EXPECT_EQ(host.calls()[2].due_ms, 0);
  EXPECT_THAT(host.violations(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(of_both_lengths, hosts, ::testing::Values(0, 64), [](const auto& beyond) {
  return beyond.param == 0 ? "this_minor" : "a_later_minor";
});

}  // namespace
