// SPDX-License-Identifier: Apache-2.0
//
// Replies for tests of what reads them: a tree of the ABI's nodes that owns its bytes.
#pragma once

#include <deque>
#include <scanhost/reply.hpp>
#include <scanhost/testing/answer.hpp>
#include <string>
#include <utility>
#include <vector>

namespace ff::testing {

class owned_reply {
 public:
  explicit owned_reply(scanhost::testing::value from) : from_(std::move(from)), node_(build(from_)) {}
  owned_reply(const owned_reply&) = delete;
  owned_reply& operator=(const owned_reply&) = delete;

  scanhost::reply get() const { return scanhost::reply(&node_); }

 private:
  scanhost_reply build(const scanhost::testing::value& from) {
    scanhost_reply node{};
    node.kind = from.kind;
    node.integer = from.number;
    node.text = scanhost::to_c(from.text);
    if (from.elements.empty()) return node;
    auto& below = arrays_.emplace_back();
    for (const auto& element : from.elements) below.push_back(build(element));
    node.elements = below.data();
    node.element_count = below.size();
    return node;
  }

  scanhost::testing::value from_;
  std::deque<std::vector<scanhost_reply>> arrays_;
  scanhost_reply node_;
};

}  // namespace ff::testing
