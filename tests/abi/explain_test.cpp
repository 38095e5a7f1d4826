// SPDX-License-Identifier: Apache-2.0
//
// A scanner in C++ that explains items, against the fake host, and the layout of the extension.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <stdexcept>
#include <string>

#include "scanhost/scanner.hpp"
#include "scanhost/testing/fake_host.hpp"
#include "scanhost/testing/plugin_of.hpp"

namespace {

using namespace scanhost;
using namespace scanhost::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class silent : public scanner {
 public:
  static description describe() {
    return {.name = "carts",
            .version = "1.0.0",
            .summary = "removes carts",
            .families = {{"shard", "{shard:*}", 4}}};
  }
  task<result> scan(scan_context&) override { co_return result{}; }
};

// Its items are "<partition>-<name>".
class explaining : public silent {
 public:
  explicit explaining(services host) : host_(host) {}

  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count) const override {
    if (item == "far") return count;
    if (item.empty() || item[0] < '0' || item[0] > '3') return std::nullopt;
    return static_cast<std::uint32_t>(item[0] - '0');
  }
  task<void> explain(scan_context& scan, explanation& item) override {
    const auto index = "carts:" + std::string(scan.tag());
    if (item.name() == "throws") throw std::runtime_error("nobody knows");
    if (item.name() == "silent") co_return;
    if (item.name() == "writes") co_await scan.execute(command("DEL", index));
    if (item.name() == "acts") co_await scan.execute(command("ZREM", index, "a").acts("a", scan.now()));
    if (item.name() == "asks") co_await scan.pass(0).next_page(0);
    if (item.name() == "fails") host_.failures().failure(scan, item.name(), "it is only asked about");
    const auto replies = co_await scan.execute(command("ZSCORE", index, item.name()));
    const auto score = replies.front().reply();
    if (score.is_text())
      item.add({.where = standing::waiting,
                .reason = "it is in the index",
                .index = index,
                .score = std::stod(std::string(score.text())),
                .due = from_ms(std::stol(std::string(score.text())))});
    else
      item.add(standing::not_here, "there is no such cart", index);
  }

 private:
  services host_;
};

TEST(explanations, say_where_the_item_stands_in_the_partition_that_the_scanner_names) {
  memory_store store;
  store.run("ZADD", "carts:{shard:2}", 1500, "2-a");
  fake_host host(plugin_of<explaining>());
  host.use(store);
  const auto found = host.explain("2-a");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->scan.finished);
  EXPECT_EQ(found->scan.tag, "{shard:2}");
  ASSERT_EQ(found->findings.size(), 1u);
  const auto& first = found->findings.front();
  EXPECT_EQ(first.where, standing::waiting);
  EXPECT_EQ(first.index, "carts:{shard:2}");
  EXPECT_EQ(first.reason, "it is in the index");
  EXPECT_EQ(first.score, 1500);
  EXPECT_EQ(first.due, from_ms(1500));
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST(explanations, may_be_asked_for_in_any_partition) {
  memory_store store;
  fake_host host(plugin_of<explaining>());
  host.use(store);
  EXPECT_EQ(host.find_partition("x"), std::nullopt);
  const auto found = host.explain("x", 3);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->findings.front().index, "carts:{shard:3}");
  EXPECT_EQ(found->findings.front().score, std::nullopt);
  EXPECT_EQ(found->findings.front().due, std::nullopt);
}

TEST(explanations, are_offered_by_a_scanner_that_explains_alone) {
  EXPECT_EQ(plugin_of<silent>().get_extension, nullptr);
  fake_host host(plugin_of<silent>());
  EXPECT_EQ(host.explain("x"), std::nullopt);
  EXPECT_NE(plugin_of<explaining>().get_extension(SCANHOST_TEXT(SCANHOST_EXT_EXPLAIN)), nullptr);
  EXPECT_EQ(plugin_of<explaining>().get_extension(SCANHOST_TEXT("scanhost.state/1")), nullptr);
}

TEST(explanations, that_throw_end_with_the_message) {
  fake_host host(plugin_of<explaining>());
  const auto found = host.explain("throws");
  EXPECT_TRUE(found->scan.failed);
  EXPECT_EQ(found->scan.failure, "nobody knows");
}

struct misuse {
  const char* item;
  const char* violation;
};
class explanations_watched : public ::testing::TestWithParam<misuse> {};

TEST_P(explanations_watched, for_what_breaks_their_rules) {
  memory_store store;
  fake_host host(plugin_of<explaining>());
  host.use(store);
  host.explain(GetParam().item);
  EXPECT_THAT(host.violations(), ElementsAre(HasSubstr(GetParam().violation)));
}

INSTANTIATE_TEST_SUITE_P(explanations, explanations_watched,
                         ::testing::Values(misuse{"silent", "without a finding"}, misuse{"writes", "DEL"},
                                           misuse{"acts", "ACTS"}, misuse{"asks", "there are no turns"},
                                           misuse{"far", "the partition 4 of 4"}),
                         [](const auto& test) { return std::string(test.param.item); });

TEST(explanations, blame_no_item) {
  memory_store store;
  fake_host host(plugin_of<explaining>());
  host.use(store);
  host.explain("fails");
  EXPECT_THAT(host.failures().seen(), IsEmpty());
}

TEST(explanations, that_are_under_way_end_with_the_instance) {
  fake_host host(plugin_of<explaining>());
  ASSERT_TRUE(host.start_explain("0-a", 0));
  host.destroy();
  EXPECT_THAT(host.violations(), IsEmpty());
}

// What a finding may not be, an honest scanner never sends: the C functions are called as a careless one
// would.
TEST(explanations, refuse_findings_that_no_host_knows) {
  class careless : public silent {
   public:
    task<void> explain(scan_context&, explanation& item) override {
      item.add(static_cast<standing>(8), "unheard of");
      item.add(standing::due, "");
      item.add({.where = standing::due, .reason = "early", .due = from_ms(-1)});
      for (int i = 0; i < SCANHOST_MAX_FINDINGS + 3; ++i) item.add(standing::due, "again");
      co_return;
    }
  };
  fake_host host(plugin_of<careless>());
  EXPECT_EQ(host.explain("x")->findings.size(), std::size_t{SCANHOST_MAX_FINDINGS});
  EXPECT_THAT(host.violations(), ElementsAre(HasSubstr("a standing"), HasSubstr("without a reason"),
                                             HasSubstr("before the epoch")));
}

TEST(explanations, have_the_layout_that_was_released) {
  EXPECT_EQ(std::string(SCANHOST_EXT_EXPLAIN), "scanhost.explain/1");
  EXPECT_EQ(sizeof(scanhost_explain), 24u);
  EXPECT_EQ(offsetof(scanhost_explain, struct_size), 0u);
  EXPECT_EQ(offsetof(scanhost_explain, explain), 8u);
  EXPECT_EQ(offsetof(scanhost_explain, find_partition), 16u);
  EXPECT_EQ(sizeof(scanhost_finding), 64u);
  EXPECT_EQ(offsetof(scanhost_finding, struct_size), 0u);
  EXPECT_EQ(offsetof(scanhost_finding, flags), 4u);
  EXPECT_EQ(offsetof(scanhost_finding, standing), 8u);
  EXPECT_EQ(offsetof(scanhost_finding, reserved), 12u);
  EXPECT_EQ(offsetof(scanhost_finding, index), 16u);
  EXPECT_EQ(offsetof(scanhost_finding, score), 32u);
  EXPECT_EQ(offsetof(scanhost_finding, due_ms), 40u);
  EXPECT_EQ(offsetof(scanhost_finding, reason), 48u);
  EXPECT_EQ(SCANHOST_FINDING_SCORE, 1u);
  EXPECT_EQ(SCANHOST_STANDING_NOT_HERE, 0);
  EXPECT_EQ(SCANHOST_STANDING_DUE, 1);
  EXPECT_EQ(SCANHOST_STANDING_WAITING, 2);
  EXPECT_EQ(SCANHOST_STANDING_HELD, 3);
  EXPECT_EQ(SCANHOST_STANDING_FILTERED, 4);
  EXPECT_EQ(SCANHOST_STANDING_IN_ORDER, 5);
  EXPECT_EQ(SCANHOST_STANDING_MALFORMED, 6);
  EXPECT_EQ(SCANHOST_STANDING_UNKNOWN, 7);
}

}  // namespace
