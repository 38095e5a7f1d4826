// SPDX-License-Identifier: Apache-2.0
//
// per_cycle<T>: all scans of a cycle share one load, also if some of them fail or end while they wait.
#include "scanhost/per_cycle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "scanhost/testing/fake_host.hpp"
#include "scanhost/testing/plugin_of.hpp"

namespace {

using namespace scanhost;
using namespace scanhost::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class shares : public scanner {
 public:
  static description describe() {
    return {.name = "shares",
            .version = "1.0.0",
            .summary = "loads a number once for each cycle",
            .families = {{.name = "shard", .tag_pattern = "{shard:*}", .default_count = 4}}};
  }
  static inline int loads = 0;
  static inline int asks = 1;
  static inline std::shared_ptr<int> token = {};

  task<result> scan(scan_context& scan) override {
    const auto held = token;
    std::optional<std::intptr_t> first;
    result found;
    for (int i = 0; i < asks; ++i) {
      const auto* number = co_await number_.get(scan, [this](scan_context& at) { return load(at); });
      found.processed = static_cast<std::uint64_t>(*number);
      const auto depth = reinterpret_cast<std::intptr_t>(__builtin_frame_address(0));
      if (i == 1) first = depth;
      if (first) {
        EXPECT_LT(std::abs(*first - depth), 4096);
      }
    }
    co_return found;
  }

 private:
  task<std::int64_t> load(scan_context& scan) {
    ++loads;
    const auto got = co_await scan.execute(command("GET", "number"));
    if (!got[0]) throw std::runtime_error(std::string(got[0].message()));
    co_return got[0].reply().integer();
  }

  per_cycle<std::int64_t> number_;
};

class per_cycle_value : public ::testing::Test {
 protected:
  void SetUp() override {
    shares::loads = 0;
    shares::asks = 1;
    shares::token = std::make_shared<int>(0);
  }
  void TearDown() override { EXPECT_THAT(host.violations(), IsEmpty()); }
  fake_host host{plugin_of<shares>()};
};

TEST_F(per_cycle_value, is_loaded_by_the_first_asker_while_the_others_wait) {
  host.script(7);
  for (std::uint32_t i = 0; i < 4; ++i) host.start(i);
  host.run();
  EXPECT_EQ(shares::loads, 1);
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(host.report(i).result.processed, 7u);
}

TEST_F(per_cycle_value, is_loaded_anew_in_the_next_cycle) {
  host.script(7, 8);
  EXPECT_EQ(host.cycle().result.processed, 4 * 7u);
  EXPECT_EQ(host.cycle().result.processed, 4 * 8u);
  EXPECT_EQ(shares::loads, 2);
}

TEST_F(per_cycle_value, fails_for_all_askers_of_the_cycle_and_is_tried_again_in_the_next) {
  host.script(transient("gone"), 8);
  for (std::uint32_t i = 0; i < 4; ++i) host.start(i);
  host.run();
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(host.report(i).failure, "gone");
  EXPECT_EQ(shares::loads, 1);
  host.begin_cycle();
  EXPECT_EQ(host.scan().result.processed, 8u);
}

TEST_F(per_cycle_value, lets_the_loader_and_those_that_wait_be_destroyed) {
  for (std::uint32_t i = 0; i < 4; ++i) host.start(i);
  EXPECT_EQ(shares::token.use_count(), 5);
  host.destroy();
  EXPECT_EQ(shares::token.use_count(), 1);
}

TEST_F(per_cycle_value, a_million_hits_use_constant_stack) {
  shares::asks = 1'000'000;
  host.script(7);
  host.start(0);
  host.start(1);
  host.run();
  EXPECT_EQ(host.report(0).result.processed, 7u);
  EXPECT_EQ(host.report(1).result.processed, 7u);
  EXPECT_EQ(shares::loads, 1);
}

}  // namespace
