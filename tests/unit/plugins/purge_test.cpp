// SPDX-License-Identifier: Apache-2.0
//
// What a purge deletes, and in which writes.
#include "retention_trimmer/purge.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "owned_reply.hpp"

namespace ff {
namespace {

using scanhost::testing::array;
using scanhost::testing::value;
using testing::owned_reply;

const purged_execution execution{"{fp:1}",   "{fp:1}:e", "ff:idx:{fp:1}:lane:default:terminal",
                                 "terminal", "5",        1};

// A host that declares scripts, and does nothing else.
scanhost::services host() {
  static const scanhost_host table = [] {
    scanhost_host lent{};
    lent.struct_size = sizeof lent;
    lent.script = [](const scanhost_host*, scanhost_string source) {
      return reinterpret_cast<const scanhost_script*>(source.data);
    };
    return lent;
  }();
  return scanhost::services(&table);
}

std::vector<std::string> keys_of(const purged_execution& purged, value edges = array(std::vector<value>{})) {
  const owned_reply made_edges(std::move(edges));
  const owned_reply waitpoints(array(std::vector<value>{"w"}));
  const owned_reply signals(array(std::vector<value>{"s"}));
  return keys_to_purge(purged, made_edges.get(), waitpoints.get(), signals.get());
}

TEST(purge, lists_the_keys_in_the_order_of_the_contract) {
  const std::string of = "ff:exec:{fp:1}:{fp:1}:e:";
  const std::string attempt = "{fp:1}:{fp:1}:e:0";
  EXPECT_EQ(keys_of(execution, array(std::vector<value>{"d"})),
            (std::vector<std::string>{of + "payload",
                                      of + "result",
                                      of + "tags",
                                      of + "lease:current",
                                      of + "lease:history",
                                      of + "claim_grant",
                                      of + "attempts",
                                      "ff:attempt:" + attempt,
                                      "ff:attempt:" + attempt + ":usage",
                                      "ff:attempt:" + attempt + ":policy",
                                      "ff:attempt:" + attempt + ":summary",
                                      "ff:stream:" + attempt,
                                      "ff:stream:" + attempt + ":meta",
                                      of + "suspension:current",
                                      of + "suspension:current:satisfied_set",
                                      of + "suspension:current:satisfied_set:signals",
                                      of + "suspension:current:member_map",
                                      of + "deps:meta",
                                      of + "deps:unresolved",
                                      of + "deps:all_edges",
                                      of + "dep:d",
                                      of + "waitpoints",
                                      "ff:wp:{fp:1}:w",
                                      "ff:wp:{fp:1}:w:signals",
                                      "ff:wp:{fp:1}:w:condition",
                                      of + "signals",
                                      "ff:signal:{fp:1}:s",
                                      "ff:signal:{fp:1}:s:payload"}));
}

TEST(purge, is_one_write_where_its_keys_fit_one_chunk) {
  const auto writes = purge_writes(host(), execution, keys_of(execution));
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(writes[0][1], "ff:exec:{fp:1}:{fp:1}:e:core");
  EXPECT_EQ(writes[0][writes[0].size() - 1], "{fp:1}:e");
}

TEST(purge, deletes_core_and_entries_last_where_it_takes_several_writes) {
  auto many = execution;
  many.attempts = 300;
  const auto writes = purge_writes(host(), many, keys_of(many));
  ASSERT_EQ(writes.size(), 5u);  // 1,821 keys in chunks of 500, then the rest
  EXPECT_EQ(writes[0][0], "501");
  EXPECT_EQ(writes[4][0], "4");
  EXPECT_EQ(writes[4][3], "ff:idx:{fp:1}:lane:default:terminal");
}

TEST(purge, deletes_leftovers_in_chunks_and_their_entries_with_the_last_one) {
  std::vector<value> indexes;
  for (int i = 0; i < 200; ++i) indexes.emplace_back(std::to_string(i));
  const owned_reply attempts(array(std::move(indexes)));
  const owned_reply none(array(std::vector<value>{}));
  auto gone = execution;
  gone.attempts = 0;
  const auto keys = keys_left_over(gone, attempts.get(), none.get(), none.get(), none.get());
  EXPECT_EQ(std::count(keys.begin(), keys.end(), "ff:attempt:{fp:1}:{fp:1}:e:199"), 1);
  EXPECT_EQ(std::count(keys.begin(), keys.end(), "ff:exec:{fp:1}:{fp:1}:e:policy"), 1);
  const auto writes = leftover_writes(host(), gone, keys);
  ASSERT_EQ(writes.size(), 3u);
  EXPECT_EQ(writes[0][0], "500");
  EXPECT_EQ(writes[0].size(), 501u);
  EXPECT_EQ(writes[2][writes[2].size() - 1], "{fp:1}:e");
}

TEST(purge, deletes_of_leftovers_what_is_named_before_what_names_it) {
  const owned_reply attempts(array(std::vector<value>{"0"}));
  const owned_reply edges(array(std::vector<value>{"d"}));
  const owned_reply waitpoints(array(std::vector<value>{"w"}));
  const owned_reply signals(array(std::vector<value>{"s"}));
  auto gone = execution;
  gone.attempts = 0;
  const auto keys = keys_left_over(gone, attempts.get(), edges.get(), waitpoints.get(), signals.get());
  const auto place = [&](const std::string& key) { return std::find(keys.begin(), keys.end(), key); };
  EXPECT_LT(place("ff:attempt:{fp:1}:{fp:1}:e:0"), place("ff:exec:{fp:1}:{fp:1}:e:attempts"));
  EXPECT_LT(place("ff:exec:{fp:1}:{fp:1}:e:dep:d"), place("ff:exec:{fp:1}:{fp:1}:e:deps:all_edges"));
  EXPECT_LT(place("ff:wp:{fp:1}:w"), place("ff:exec:{fp:1}:{fp:1}:e:waitpoints"));
  EXPECT_LT(place("ff:signal:{fp:1}:s"), place("ff:exec:{fp:1}:{fp:1}:e:signals"));
}

}  // namespace
}  // namespace ff
