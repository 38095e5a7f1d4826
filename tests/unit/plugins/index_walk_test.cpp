// SPDX-License-Identifier: Apache-2.0
//
// The paging rule, against a sorted set in memory.
#include "common/index_walk.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <set>

#include "common/keys.hpp"
#include "fake_index.hpp"
#include "owned_reply.hpp"

namespace ff {
namespace {

using scanhost::from_ms;
using testing::fake_index;
using testing::owned_reply;

const auto now = from_ms(1000);

// What becomes of a candidate when it is examined.
using examiner = std::function<fate(candidate&)>;

fate stays(candidate&) { return fate::stays; }

// Reads one page and examines its candidates; those after the first unexamined one stay so.
std::vector<std::string> page_of(index_walk& walk, const fake_index& index, std::uint32_t limit,
                                 const examiner& examine = stays, scanhost::timestamp at = now) {
  const owned_reply reply(index.answer(walk.query(at, limit)));
  page offered;
  EXPECT_TRUE(walk.take(reply.get(), at, limit, offered));
  std::vector<std::string> examined;
  for (auto& candidate : offered.candidates) {
    candidate.entry = examine(candidate);
    if (candidate.entry == fate::unexamined) break;
    examined.push_back(candidate.id);
  }
  walk.advance(offered);
  return examined;
}

// Walks to the end, in at most `pages` pages.
std::vector<std::string> whole(index_walk& walk, const fake_index& index, std::uint32_t limit,
                               const examiner& examine = stays, int pages = 1000) {
  std::vector<std::string> examined;
  while (!walk.done() && pages-- > 0)
    for (auto& id : page_of(walk, index, limit, examine)) examined.push_back(std::move(id));
  return examined;
}

fake_index numbered(int count, const std::function<double(int)>& score) {
  fake_index index;
  for (int i = 0; i < count; ++i) index.add(score(i), joined("m", std::to_string(1000 + i)));
  return index;
}

TEST(index_walk, offers_every_due_entry_once_in_order) {
  const auto index = numbered(25, [](int i) { return i; });
  index_memory memory;
  index_walk walk("k", {}, memory, false);
  const auto seen = whole(walk, index, 10);
  ASSERT_EQ(seen.size(), 25u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_TRUE(walk.done());
}

TEST(index_walk, pages_through_equal_scores_where_entries_stay) {
  const auto index = numbered(35, [](int) { return 7; });
  index_memory memory;
  index_walk walk("k", {}, memory, false);
  EXPECT_EQ(whole(walk, index, 10).size(), 35u);
}

TEST(index_walk, pages_through_equal_scores_where_some_entries_leave) {
  auto index = numbered(35, [](int) { return 7; });
  index_memory memory;
  index_walk walk("k", {}, memory, false);
  int turn = 0;
  std::vector<std::string> leaving;
  std::set<std::string> seen;
  while (!walk.done()) {
    for (auto& id : page_of(walk, index, 10, [&](candidate& candidate) {
           if (++turn % 3 != 0) return fate::stays;
           leaving.push_back(candidate.id);
           return fate::left;
         }))
      EXPECT_TRUE(seen.insert(id).second) << id;
    for (const auto& id : leaving) index.remove(id);
  }
  EXPECT_EQ(seen.size(), 35u);
}

TEST(index_walk, takes_the_bound_as_due_and_tells_what_comes_next) {
  fake_index index;
  index.add(1000, "at");
  index.add(1000.5, "soon");
  index.add(1400, "later");
  index_memory memory;
  index_walk walk("k", {.ahead = scanhost::milliseconds(500)}, memory, false);
  EXPECT_EQ(whole(walk, index, 10), std::vector<std::string>{"at"});
  EXPECT_EQ(walk.next_due(), from_ms(1001));
}

TEST(index_walk, asks_no_second_time_where_the_page_is_not_full) {
  const auto index = numbered(9, [](int i) { return i; });
  index_memory memory;
  index_walk walk("k", {}, memory, false);
  page_of(walk, index, 10);
  EXPECT_TRUE(walk.done());
}

TEST(index_walk, goes_on_where_the_last_cycle_stopped_and_wraps_to_the_start) {
  const auto index = numbered(25, [](int i) { return i / 2; });
  index_memory memory;
  {
    index_walk walk("k", {}, memory, false);
    page_of(walk, index, 10);
    page_of(walk, index, 3);
    walk.stop(true);
  }
  index_walk walk("k", {}, memory, false);
  const auto seen = whole(walk, index, 10);
  ASSERT_EQ(seen.size(), 25u);
  EXPECT_EQ(seen.front(), "m1013");
  EXPECT_EQ(seen[11], "m1024");
  EXPECT_EQ(seen[12], "m1000");
  EXPECT_EQ(seen.back(), "m1012");
  EXPECT_FALSE(memory.resume);
}

TEST(index_walk, wraps_within_equal_scores_where_the_first_part_leaves) {
  auto index = numbered(30, [](int) { return 7; });
  index_memory memory;
  {
    index_walk walk("k", {}, memory, false);
    page_of(walk, index, 10);
    walk.stop(true);
  }
  index_walk walk("k", {}, memory, false);
  std::multiset<std::string> seen;
  while (!walk.done()) {
    const auto ids = page_of(walk, index, 4, [](candidate&) { return fate::left; });
    for (const auto& id : ids) {
      seen.insert(id);
      index.remove(id);
    }
  }
  EXPECT_EQ(seen.size(), 30u);
  EXPECT_EQ(index.size(), 0u);
}

TEST(index_walk, begins_at_the_head_when_it_stopped_without_keeping_its_place) {
  const auto index = numbered(25, [](int i) { return i; });
  index_memory memory;
  {
    index_walk walk("k", {}, memory, false);
    page_of(walk, index, 10);
    walk.stop(false);
  }
  index_walk walk("k", {}, memory, false);
  EXPECT_EQ(page_of(walk, index, 10).front(), "m1000");
}

TEST(index_walk, offers_the_unexamined_rest_of_a_page_again) {
  const auto index = numbered(10, [](int) { return 7; });
  index_memory memory;
  index_walk walk("k", {}, memory, false);
  int left = 4;
  page_of(walk, index, 10, [&](candidate&) { return left-- > 0 ? fate::stays : fate::unexamined; });
  walk.stop(true);
  index_walk next("k", {}, memory, false);
  EXPECT_EQ(page_of(next, index, 10).front(), "m1004");
}

TEST(index_walk, looks_in_an_early_visit_only_at_what_came_due_since) {
  auto index = numbered(5, [](int i) { return i; });
  index_memory memory;
  {
    index_walk walk("k", {}, memory, false);
    whole(walk, index, 10);
  }
  index.add(1005, "new");
  index_walk walk("k", {}, memory, true);
  EXPECT_EQ(page_of(walk, index, 10, stays, from_ms(1006)), std::vector<std::string>{"new"});
  EXPECT_TRUE(walk.done());
  index_walk again("k", {}, memory, true);
  EXPECT_TRUE(page_of(again, index, 10, stays, from_ms(1007)).empty());
}

TEST(index_walk, has_nothing_to_do_early_where_the_last_visit_did_not_see_the_end) {
  const auto index = numbered(25, [](int i) { return i; });
  index_memory memory;
  {
    index_walk walk("k", {}, memory, false);
    page_of(walk, index, 10);
    walk.stop(true);
  }
  EXPECT_TRUE(index_walk("k", {}, memory, true).done());
  ASSERT_TRUE(memory.resume);
}

TEST(index_walk, takes_a_lag_off_the_bound_but_not_below_zero) {
  fake_index index;
  index.add(-5, "before time");
  index.add(400, "old");
  index.add(500, "not yet");
  index_memory memory;
  index_walk walk("k", {.lag = scanhost::milliseconds(600), .ahead = scanhost::milliseconds(500)}, memory,
                  false);
  EXPECT_EQ(whole(walk, index, 10), (std::vector<std::string>{"before time", "old"}));
  EXPECT_EQ(walk.next_due(), from_ms(1100));
  index_memory other;
  index_walk early("k", {.lag = scanhost::milliseconds(5000)}, other, false);
  EXPECT_EQ(whole(early, index, 10), std::vector<std::string>{"before time"});
}

TEST(index_walk, takes_all_entries_of_an_index_without_due_times) {
  fake_index index;
  index.add(-1e300, "low");
  index.add(1e300, "high");
  index_memory memory;
  index_walk walk("k", {.unit = scanhost::score_unit::none}, memory, false);
  EXPECT_EQ(whole(walk, index, 1), (std::vector<std::string>{"low", "high"}));
  EXPECT_FALSE(walk.next_due());
}

TEST(index_walk, survives_scores_beyond_all_times) {
  fake_index index;
  index.add(-std::numeric_limits<double>::infinity(), "first");
  index.add(-std::numeric_limits<double>::infinity(), "second");
  index.add(std::numeric_limits<double>::infinity(), "last");
  index_memory memory;
  index_walk walk("k", {.ahead = scanhost::milliseconds(500)}, memory, false);
  EXPECT_EQ(whole(walk, index, 1), (std::vector<std::string>{"first", "second"}));
}

TEST(index_walk, refuses_answers_of_another_shape) {
  using scanhost::testing::array;
  using scanhost::testing::nil;
  for (const auto& answer : {nil(), scanhost::testing::value("x"), array("m", "1", "n"), array(nil(), "1")}) {
    index_memory memory;
    index_walk walk("k", {}, memory, false);
    page offered;
    const owned_reply reply(answer);
    EXPECT_FALSE(walk.take(reply.get(), now, 10, offered));
  }
}

// Whatever stays, leaves and stops: every entry is examined within a few cycles, and none twice in a walk.
TEST(index_walk, hides_no_entry_for_ever) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    auto index = numbered(40, [&](int) { return static_cast<double>(random() % 6); });
    index_memory memory;
    std::set<std::string> ever;
    for (int cycle = 0; cycle < 8; ++cycle) {
      index_walk walk("k", {}, memory, false);
      std::set<std::string> in_walk;
      for (int pages = 3; pages > 0 && !walk.done(); --pages) {
        std::vector<std::string> leaving;
        for (const auto& id : page_of(walk, index, 4, [&](candidate& candidate) {
               if (random() % 4 != 0) return fate::stays;
               leaving.push_back(candidate.id);
               return fate::left;
             })) {
          EXPECT_TRUE(in_walk.insert(id).second) << "twice in a walk: " << id;
          ever.insert(id);
        }
        for (const auto& id : leaving) index.remove(id);
      }
      walk.stop(true);
    }
    EXPECT_EQ(ever.size(), 40u) << "round " << round;
  }
}

}  // namespace
}  // namespace ff
