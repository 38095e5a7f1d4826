// SPDX-License-Identifier: Apache-2.0
//
// Which lanes are swept: delayed_promoter under the scripted host, which shows it by its queries.
#include <algorithm>

#include "scanner_test.hpp"

namespace ff::lanes_tests {
namespace {

using namespace testing;

class lanes_of_a_scanner : public scanner_test {
 protected:
  lanes_of_a_scanner() : scanner_test("delayed_promoter") {
    host.on("SMEMBERS ff:idx:lanes", array("gpu", "default"));
  }

  std::vector<std::string> swept(std::uint32_t partition = 0) {
    const auto before = host.calls("ZRANGEBYSCORE").size();
    errors_ = host.scan(partition).result.errors;
    std::vector<std::string> keys;
    const auto queries = host.calls("ZRANGEBYSCORE");
    for (auto i = before; i < queries.size(); ++i) keys.emplace_back(queries[i].args[1]);
    return keys;
  }
  static std::string index(const std::string& lane) { return "ff:idx:{fp:0}:lane:" + lane + ":delayed"; }

  std::uint64_t errors_ = 0;
};

TEST_F(lanes_of_a_scanner, are_those_that_are_configured) {
  host.set_option("lanes", std::vector<std::string>{"cpu", "default"});
  EXPECT_EQ(swept(), (std::vector<std::string>{index("cpu"), index("default")}));
  EXPECT_TRUE(host.calls("SMEMBERS").empty());
}

TEST_F(lanes_of_a_scanner, are_with_auto_those_that_are_announced_too) {
  host.set_option("lanes", std::vector<std::string>{"cpu", "auto"});
  EXPECT_EQ(swept(), (std::vector<std::string>{index("cpu"), index("gpu"), index("default")}));
}

TEST_F(lanes_of_a_scanner, are_with_auto_alone_the_default_and_the_announced_ones) {
  host.set_option("lanes", std::vector<std::string>{"auto"});
  EXPECT_EQ(swept(), (std::vector<std::string>{index("default"), index("gpu")}));
}

TEST_F(lanes_of_a_scanner, are_asked_for_once_a_cycle) {
  host.set_option("lanes", std::vector<std::string>{"auto"});
  swept(0);
  swept(1);
  EXPECT_EQ(host.calls("SMEMBERS").size(), 1u);
  host.begin_cycle();
  host.on("SMEMBERS ff:idx:lanes", array("new", "gpu"));
  EXPECT_EQ(swept(), (std::vector<std::string>{index("default"), index("gpu"), index("new")}));
}

TEST_F(lanes_of_a_scanner, are_the_known_ones_where_the_announced_ones_cannot_be_read) {
  host.set_option("lanes", std::vector<std::string>{"auto"});
  swept();
  EXPECT_EQ(errors_, 0u);
  host.begin_cycle();
  host.on("SMEMBERS ff:idx:lanes", error("WRONGTYPE no"));
  EXPECT_EQ(swept(), (std::vector<std::string>{index("default"), index("gpu")}));
  EXPECT_EQ(errors_, 1u);
}

}  // namespace
}  // namespace ff::lanes_tests
