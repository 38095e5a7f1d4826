// SPDX-License-Identifier: Apache-2.0
//
// retention_trimmer under the scripted host: what is left of an execution whose core is gone.
#include <algorithm>

#include "scanner_test.hpp"

namespace ff::retention_trimmer_tests {
namespace {

using namespace testing;

constexpr int two_days = 2 * 24 * 60 * 60 * 1000;

class retention_trimmer : public scanner_test {
 protected:
  retention_trimmer() : scanner_test("retention_trimmer") {
    index.add(due(two_days), "e1");
    host.on("HMGET", array(nil(), nil(), nil()));
    host.on("GET", nil());
    host.on("HGET", nil());
    host.on("EXISTS", 0);
    host.on("SMEMBERS", array(std::vector<value>{}));
    host.on("ZRANGE", array(std::vector<value>{}));
    host.on("EVAL", 1);
  }
  std::vector<std::string> deleted() const {
    const auto args = host.calls("EVAL").at(0).args;
    return {args.begin() + 3, args.end()};
  }
  bool deletes(const std::string& key) const {
    const auto keys = deleted();
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  }
};

TEST_F(retention_trimmer, removes_only_the_entry_of_an_execution_that_is_gone) {
  EXPECT_EQ(host.scan().result.unchanged, 1u);
  const std::vector<std::string> expected = {"ff:exec:{fp:0}:e1:core", "ff:idx:{fp:0}:lane:default:terminal",
                                             "ff:idx:{fp:0}:all_executions", "", "e1"};
  EXPECT_EQ(deleted(), expected);
}

TEST_F(retention_trimmer, deletes_what_is_left_where_it_may) {
  host.set_option("delete_leftovers", "true");
  host.on("SMEMBERS ff:exec:{fp:0}:e1:deps:all_edges", array("edge"));
  host.on("ZRANGE ff:exec:{fp:0}:e1:attempts", array("0", "7"));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.unchanged, 0u);
  for (const auto* key :
       {"ff:exec:{fp:0}:e1:payload", "ff:exec:{fp:0}:e1:policy", "ff:exec:{fp:0}:e1:dep:edge",
        "ff:attempt:{fp:0}:e1:7", "ff:stream:{fp:0}:e1:7:meta"})
    EXPECT_TRUE(deletes(key)) << key;
  EXPECT_EQ(deleted().back(), "e1");
}

TEST_F(retention_trimmer, does_not_take_a_core_without_an_end_for_a_missing_one) {
  host.set_option("delete_leftovers", "true");
  host.on("EXISTS", 1);
  EXPECT_EQ(host.scan().result.unchanged, 1u);
  EXPECT_FALSE(deletes("ff:exec:{fp:0}:e1:payload"));
}

TEST_F(retention_trimmer, keeps_leftovers_as_long_as_their_policy_asks) {
  host.set_option("delete_leftovers", "true");
  host.on("GET", R"({"stream_policy":{"retention_ttl_ms":604800000}})");
  EXPECT_EQ(host.scan().result.processed, 0u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(retention_trimmer, keeps_leftovers_that_carry_the_hold_tag) {
  host.set_option("delete_leftovers", "true");
  host.set_option("hold_tag", "legal");
  host.on("HGET", "yes");
  EXPECT_EQ(host.scan().result.skipped, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(retention_trimmer, deletes_no_leftovers_where_something_cannot_be_read) {
  host.set_option("delete_leftovers", "true");
  host.on("ZRANGE ff:exec:{fp:0}:e1:attempts", [](const call&) { return transient(); });
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(retention_trimmer, tells_of_leftovers_in_a_preview) {
  host.set_option("delete_leftovers", "true");
  host.set_option("preview", "true");
  host.on("MEMORY USAGE", nil());
  host.on("MEMORY USAGE ff:exec:{fp:0}:e1:payload", 100);
  EXPECT_EQ(host.scan().result.skipped, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
  EXPECT_EQ(std::count_if(host.log().begin(), host.log().end(),
                          [](const auto& line) {
                            return line.text.find("would be deleted: 1 keys, 100 bytes") != std::string::npos;
                          }),
            1);
}

}  // namespace
}  // namespace ff::retention_trimmer_tests
