// SPDX-License-Identifier: Apache-2.0
#include "base/ring_queue.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace scanhost::base {
namespace {

TEST(ring_queue, gives_elements_in_the_order_in_which_they_came) {
  ring_queue<int> queue;
  int next = 0;
  for (int i = 0; i < 1000; ++i) {
    queue.emplace_back(i);
    if (i % 3 == 0) continue;
    EXPECT_EQ(queue.front(), next++);
    queue.pop_front();
  }
  for (; !queue.empty(); queue.pop_front()) EXPECT_EQ(queue.front(), next++);
  EXPECT_EQ(next, 1000);
}

TEST(ring_queue, keeps_the_order_when_it_grows_after_its_front_has_moved) {
  ring_queue<int> queue;
  for (int i = 0; i < 16; ++i) queue.emplace_back(i);
  for (int i = 0; i < 10; ++i) queue.pop_front();
  for (int i = 16; i < 40; ++i) queue.emplace_back(i);
  ASSERT_EQ(queue.size(), 30u);
  for (std::size_t i = 0; i < queue.size(); ++i) EXPECT_EQ(queue[i], static_cast<int>(i) + 10);
}

TEST(ring_queue, destroys_an_element_when_it_leaves) {
  ring_queue<std::shared_ptr<int>> queue;
  const auto element = std::make_shared<int>(7);
  queue.emplace_back(element);
  queue.emplace_back(element);
  EXPECT_EQ(element.use_count(), 3);
  queue.pop_front();
  EXPECT_EQ(element.use_count(), 2);
  queue.clear();
  EXPECT_EQ(element.use_count(), 1);
  EXPECT_TRUE(queue.empty());
}

TEST(ring_queue, can_be_used_again_after_it_was_long) {
  ring_queue<int> queue;
  for (int i = 0; i < 5000; ++i) queue.emplace_back(i);
  queue.clear();
  queue.emplace_back(1);
  EXPECT_EQ(queue.front(), 1);
  EXPECT_EQ(queue.size(), 1u);
}

}  // namespace
}  // namespace scanhost::base
