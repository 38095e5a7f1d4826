// SPDX-License-Identifier: Apache-2.0
//
// Where an item stands, as JSON.
#include "admin/explain_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace scanhost::admin {
namespace {

using namespace std::chrono_literals;
using json = nlohmann::json;

constexpr base::timestamp asked_at{1'000s};

scanner_explanation explained_by(const std::string& name, standing where) {
  scanner_explanation explained;
  explained.status.name = name;
  explained.status.plugin = "sweeper";
  explained.status.state = runner::scanner_state::waiting;
  explained.status.next_cycle = asked_at + 2s;
  explained.answer.partitions = 4;
  explained.answer.partitions_asked = 1;
  explained.answer.findings = {{"{s:1}", where, "due:{s:1}", 1500.0, base::timestamp(1500ms), "because\n"}};
  return explained;
}

TEST(explain_json, says_all_that_is_known_of_a_scanner) {
  const auto document = json::parse(explain_json("a\x01", asked_at, {explained_by("one", standing::due)}));
  const json expected{{"scanner", "one"},
                      {"plugin", "sweeper"},
                      {"standing", "due"},
                      {"acts", true},
                      {"acts_at_ms", 1'002'000},
                      {"obstacles", json::array()},
                      {"problem", nullptr},
                      {"partitions_asked", 1},
                      {"partitions", 4},
                      {"findings",
                       {{{"partition", "{s:1}"},
                         {"index", "due:{s:1}"},
                         {"score", 1500.0},
                         {"due_ms", 1500},
                         {"standing", "due"},
                         {"reason", "because\\x0a"}}}},
                      {"failures", json::array()}};
  EXPECT_EQ(document,
            (json{{"version", 1}, {"item", "a\\x01"}, {"at_ms", 1'000'000}, {"scanners", {expected}}}));
}

TEST(explain_json, says_null_for_what_is_not_known) {
  scanner_explanation unknown;
  unknown.answer.problem = "it hangs";
  unknown.answer.findings.emplace_back();
  const auto scanner = json::parse(explain_json("a", asked_at, {unknown})).at("scanners").at(0);
  EXPECT_EQ(scanner.at("problem"), "it hangs");
  EXPECT_EQ(scanner.at("acts"), false);
  for (const auto* member : {"partition", "index", "score", "due_ms"})
    EXPECT_TRUE(scanner.at("findings").at(0).at(member).is_null()) << member;
}

TEST(explain_json, lists_first_who_acts_first_and_last_who_has_nothing_to_do_with_it) {
  auto later = explained_by("later", standing::waiting);
  later.answer.findings[0].due = asked_at + 60s;
  const auto document = json::parse(
      explain_json("a", asked_at,
                   {explained_by("stranger", standing::not_here), explained_by("held", standing::held), later,
                    explained_by("first", standing::due)}));
  std::vector<std::string> names;
  for (const auto& scanner : document.at("scanners")) names.push_back(scanner.at("scanner"));
  EXPECT_EQ(names, (std::vector<std::string>{"first", "later", "held", "stranger"}));
}

}  // namespace
}  // namespace scanhost::admin
