// SPDX-License-Identifier: Apache-2.0
//
// A batch on its way through a cluster.
#include "store/cluster/routed_batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scanhost/slots.hpp"
#include "store/protocol/batch.hpp"
#include "support/commands.hpp"
#include "unit/store/replies.hpp"

namespace scanhost::store {
namespace {

using ::testing::ElementsAre;
using kinds = std::vector<std::int32_t>;

// Knows where SET has its key.
key_positions keys() {
  reply_tree nothing{std::initializer_list<reply_tree>{}};
  reply_tree specification{"begin_search", reply_tree{"type", "index", "spec", reply_tree{"index", 1}},
                           "find_keys", reply_tree{"type", "range", "spec", nothing}};
  reply_tree list(std::initializer_list<reply_tree>{
      reply_tree{"set", 1, nothing, 0, 0, 0, nothing, nothing,
                 reply_tree(std::initializer_list<reply_tree>{specification})}});
  return key_positions::of(list.get());
}

class routed_batch_test : public ::testing::Test {
 protected:
  void take_commands(command_list list) {
    const auto count = list.size();
    subject.emplace(
        kept_commands(list.data(), count, sizeof(scanhost_command)), "{route}", keys(), [](auto) {},
        base::steady_time{});
  }

  // A part with these replies; one that begins with an upper-case word is an error.
  std::unique_ptr<reply_batch> part(const std::vector<std::string>& texts) {
    auto created = std::make_unique<batch>(texts.size());
    for (const auto& text : texts) {
      trees.push_back(text.starts_with("ok") ? reply_tree(text) : reply_tree::error(text));
      created->answer(trees.back().get());
    }
    return created;
  }

  std::vector<routed_batch::next_step> come_back(const routed_batch::index_list& indexes,
                                                 const std::vector<std::string>& texts,
                                                 bool may_wait = true) {
    subject->part_leaves();
    return subject->take(indexes, part(texts), may_wait);
  }

  kinds outcomes() {
    ended = subject->take_outcomes();
    kinds found;
    for (std::size_t i = 0; i < ended->raw()->outcome_count; ++i)
      found.push_back(ended->raw()->outcomes[i].kind);
    return found;
  }

  std::optional<routed_batch> subject;
  std::deque<reply_tree> trees;
  std::unique_ptr<reply_batch> ended;
};

TEST_F(routed_batch_test, goes_by_the_key_and_else_by_the_route) {
  take_commands({{"SET", "k", "v"}, {"PING"}});
  EXPECT_EQ(subject->slot(0), slot_of("k"));
  EXPECT_EQ(subject->slot(1), slot_of("route"));
}

TEST_F(routed_batch_test, goes_by_its_own_route_first) {
  command_list list({{"SET", "k", "v"}});
  auto command = *list.data();
  command.route = string_of("other");
  subject.emplace(
      kept_commands(&command, 1, sizeof command), "", keys(), [](auto) {}, base::steady_time{});
  EXPECT_EQ(subject->slot(0), slot_of("other"));
}

TEST_F(routed_batch_test, passes_on_a_single_part_as_it_is) {
  take_commands({{"SET", "a", "1"}, {"SET", "b", "1"}});
  EXPECT_TRUE(come_back({0, 1}, {"ok", "ERR x"}).empty());
  EXPECT_TRUE(subject->complete());
  EXPECT_EQ(outcomes(), (kinds{SCANHOST_OUTCOME_REPLY, SCANHOST_OUTCOME_ERROR_REPLY}));
}

TEST_F(routed_batch_test, joins_parts_in_order) {
  take_commands({{"SET", "a", "1"}, {"SET", "b", "1"}, {"SET", "c", "1"}});
  come_back({1}, {"ok 1"});
  come_back({0, 2}, {"ok 0", "ok 2"});
  EXPECT_EQ(outcomes(), kinds(3, SCANHOST_OUTCOME_REPLY));
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(text_of(ended->raw()->outcomes[i].reply->text), "ok " + std::to_string(i));
}

TEST_F(routed_batch_test, follows_a_moved_slot) {
  take_commands({{"SET", "a", "1"}, {"SET", "b", "1"}});
  const auto steps = come_back({0, 1}, {"ok", "MOVED 7 h:1"});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].what, redirect::kind::moved);
  EXPECT_EQ(steps[0].target, (config::server_address{"h", 1}));
  EXPECT_THAT(steps[0].indexes, ElementsAre(1u));
  EXPECT_THAT(steps[0].slots, ElementsAre(7));
  come_back({1}, {"ok"});
  EXPECT_EQ(outcomes(), kinds(2, SCANHOST_OUTCOME_REPLY));
}

TEST_F(routed_batch_test, follows_a_redirect_only_so_far) {
  take_commands({{"SET", "a", "1"}});
  for (int i = 0; i < routed_batch::max_redirects; ++i)
    EXPECT_EQ(come_back({0}, {"MOVED 7 h:1"}).size(), 1u) << i;
  EXPECT_TRUE(come_back({0}, {"MOVED 7 h:1"}).empty());
  EXPECT_EQ(outcomes(), kinds{SCANHOST_OUTCOME_TRANSIENT});
}

TEST_F(routed_batch_test, groups_commands_by_where_they_go) {
  take_commands({{"SET", "a", "1"}, {"SET", "b", "1"}, {"SET", "c", "1"}, {"SET", "d", "1"}});
  const auto steps = come_back({0, 1, 2, 3}, {"MOVED 7 h:1", "ASK 8 h:1", "MOVED 9 h:1", "TRYAGAIN x"});
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_THAT(steps[0].indexes, ElementsAre(0u, 2u));
  EXPECT_EQ(steps[1].what, redirect::kind::ask);
  EXPECT_EQ(steps[2].what, redirect::kind::try_again);
}

TEST_F(routed_batch_test, keeps_commands_about_one_key_together) {
  take_commands({{"SET", "a", "1"}, {"SET", "a", "2"}});
  const auto steps = come_back({0, 1}, {"TRYAGAIN x", "ASK 8 h:1"});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_THAT(steps[0].indexes, ElementsAre(0u, 1u));
}

TEST_F(routed_batch_test, does_not_send_again_what_a_later_command_has_overtaken) {
  take_commands({{"SET", "a", "1"}, {"SET", "b", "1"}, {"SET", "a", "2"}});
  const auto steps = come_back({0, 1, 2}, {"TRYAGAIN x", "TRYAGAIN x", "ok"});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_THAT(steps[0].indexes, ElementsAre(1u));
  come_back({1}, {"ok"});
  EXPECT_EQ(outcomes(), (kinds{SCANHOST_OUTCOME_TRANSIENT, SCANHOST_OUTCOME_REPLY, SCANHOST_OUTCOME_REPLY}));
}

TEST_F(routed_batch_test, tries_again_only_while_there_is_time) {
  take_commands({{"SET", "a", "1"}});
  EXPECT_TRUE(come_back({0}, {"TRYAGAIN x"}, false).empty());
  EXPECT_EQ(outcomes(), kinds{SCANHOST_OUTCOME_TRANSIENT});
}

TEST_F(routed_batch_test, notes_that_the_cluster_is_down) {
  take_commands({{"SET", "a", "1"}});
  EXPECT_TRUE(come_back({0}, {"CLUSTERDOWN x"}).empty());
  EXPECT_TRUE(subject->take_cluster_down());
  EXPECT_FALSE(subject->take_cluster_down());
  EXPECT_EQ(outcomes(), kinds{SCANHOST_OUTCOME_TRANSIENT});
}

TEST_F(routed_batch_test, follows_nothing_once_it_is_cancelled) {
  take_commands({{"SET", "a", "1"}, {"SET", "b", "1"}});
  subject->wait_begins();
  subject->cancel();
  EXPECT_TRUE(come_back({0}, {"MOVED 7 h:1"}).empty());
  EXPECT_FALSE(subject->complete());
  subject->wait_ends();
  EXPECT_TRUE(subject->complete());
  EXPECT_EQ(outcomes(), (kinds{SCANHOST_OUTCOME_TRANSIENT, SCANHOST_OUTCOME_CANCELLED}));
}

}  // namespace
}  // namespace scanhost::store
