// SPDX-License-Identifier: Apache-2.0
#include "verify/store_models.hpp"

#include <gtest/gtest.h>

namespace scanhost::verify {
namespace {

testing::call asked(std::vector<std::string> args) {
  testing::call call;
  call.args = std::move(args);
  return call;
}

TEST(store_models, are_empty_or_full_by_the_shape_of_the_reply) {
  EXPECT_EQ(empty_store(asked({"zcard", "k"})).reply.number, 0);
  EXPECT_EQ(empty_store(asked({"HMGET", "k", "a", "b"})).reply.elements.size(), 2U);
  EXPECT_EQ(empty_store(asked({"GET", "k"})).reply.kind, SCANHOST_REPLY_NIL);
  EXPECT_EQ(full_store(asked({"HMGET", "k", "a", "b"})).reply.elements[1].text, "1");
  EXPECT_EQ(full_store(asked({"SCAN", "0"})).reply.elements[1].elements.size(), 7U);
}

TEST(store_models, page_through_an_index_to_its_end) {
  const auto page = [](const char* from) {
    return full_store(asked({"ZRANGEBYSCORE", "k", "-inf", "1", "LIMIT", from, "5"})).reply.elements;
  };
  ASSERT_EQ(page("0").size(), 5U);
  EXPECT_EQ(page("5").front().text, "item-6");
  EXPECT_EQ(page("5").size(), 2U);
  EXPECT_TRUE(page("7").empty());
}

TEST(store_models, give_odd_replies_in_turn_for_each_command) {
  const auto odd = odd_store();
  const auto first = odd(asked({"GET", "k"})), second = odd(asked({"GET", "k"}));
  EXPECT_NE(first.reply.kind, second.reply.kind);
  EXPECT_EQ(odd(asked({"HGET", "k", "f"})).reply.kind, first.reply.kind);
}

}  // namespace
}  // namespace scanhost::verify
