// SPDX-License-Identifier: Apache-2.0
//
// What a fake host lends to a plugin: replies and partitions in the form of the ABI, laid out in one piece of
// memory each. A host of a later minor is played by bytes beyond each growing struct, filled with a pattern.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../detail/growing.hpp"
#include "../scan.h"
#include "answer.hpp"

namespace scanhost::inline v1_0::testing {

// Where lent pieces come from.
class lending_memory {
 public:
  using piece = std::span<std::byte>;

  virtual ~lending_memory() = default;
  virtual piece take(std::size_t size) = 0;  // aligned for anything; to be filled, then seal()ed
  virtual void seal(piece lent) noexcept = 0;
  virtual void give_back(piece lent) noexcept = 0;
};

// The heap. What a plugin still reads after it was given back is freed memory: run the tests under
// AddressSanitizer to see it.
class heap_memory final : public lending_memory {
 public:
  piece take(std::size_t size) override { return {static_cast<std::byte*>(::operator new(size)), size}; }
  void seal(piece) noexcept override {}
  void give_back(piece lent) noexcept override { ::operator delete(lent.data()); }

  static heap_memory& instance() {
    static heap_memory memory;
    return memory;
  }
};

// A partition as the fake host describes it to a scan.
struct partition_description {
  std::uint32_t index = 0;
  std::uint32_t count = 1;
  std::uint32_t flags = 0;
  std::string tag;
  std::string family;
  std::uint64_t cycle = 1;
  std::string member = {};
};

namespace lending {

// Hands out one piece from its start on. Without a piece it only counts.
class layout {
 public:
  explicit layout(lending_memory::piece piece = {}) noexcept : memory_(piece) {}

  std::byte* room(std::size_t size) noexcept {
    constexpr auto alignment = alignof(std::max_align_t);
    auto* at = memory_.empty() ? nullptr : memory_.data() + used_;
    used_ += (size + alignment - 1) / alignment * alignment;
    return at;
  }
  scanhost_string text(std::string_view from) noexcept {
    auto* at = room(from.size());
    if (at != nullptr && !from.empty()) std::memcpy(at, from.data(), from.size());
    return {reinterpret_cast<const char*>(at), from.size()};
  }
  std::size_t used() const noexcept { return used_; }

 private:
  lending_memory::piece memory_;
  std::size_t used_ = 0;
};

// `known`, and a pattern in the bytes up to the stride: what a later minor has there.
template <class Struct>
void put(std::byte* at, Struct known, std::size_t stride) noexcept {
  if (at == nullptr) return;
  known.struct_size = static_cast<std::uint32_t>(stride);
  std::memset(at, 0xA5, stride);
  std::memcpy(at, &known, sizeof known);
}

inline scanhost_reply lay_out(layout& room, const value& from) {
  scanhost_reply node{};
  node.kind = from.kind;
  node.integer = from.number;
  node.text = room.text(from.text);
  if (from.elements.empty()) return node;
  auto* elements =
      reinterpret_cast<scanhost_reply*>(room.room(from.elements.size() * sizeof(scanhost_reply)));
  for (std::size_t i = 0; i < from.elements.size(); ++i) {
    const auto element = lay_out(room, from.elements[i]);
    if (elements != nullptr) elements[i] = element;
  }
  node.elements = elements;
  node.element_count = from.elements.size();
  return node;
}

inline scanhost_outcome lay_out(layout& room, const answer& from) {
  scanhost_outcome outcome{};
  outcome.kind = from.kind;
  outcome.message = room.text(from.message);
  if (!from.answered) return outcome;
  auto* reply = reinterpret_cast<scanhost_reply*>(room.room(sizeof(scanhost_reply)));
  const auto node = lay_out(room, from.reply);
  if (reply != nullptr) *reply = node;
  outcome.reply = reply;
  return outcome;
}

inline const scanhost_replies* lay_out(layout& room, const std::vector<answer>& answers, std::size_t beyond) {
  const auto stride = sizeof(scanhost_outcome) + beyond;
  auto* head = room.room(sizeof(scanhost_replies) + beyond);
  auto* outcomes = room.room(stride * answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto outcome = lay_out(room, answers[i]);
    put(outcomes == nullptr ? nullptr : outcomes + i * stride, outcome, stride);
  }
  scanhost_replies replies{};
  replies.outcome_stride = static_cast<std::uint32_t>(stride);
  replies.outcome_count = answers.size();
  replies.outcomes = reinterpret_cast<const scanhost_outcome*>(outcomes);
  put(head, replies, sizeof replies + beyond);
  return reinterpret_cast<const scanhost_replies*>(head);
}

inline const scanhost_partition* lay_out(layout& room, const partition_description& from,
                                         std::size_t beyond) {
  auto* head = room.room(sizeof(scanhost_partition) + beyond);
  scanhost_partition partition{};
  partition.index = from.index;
  partition.count = from.count;
  partition.flags = from.flags;
  partition.tag = room.text(from.tag);
  partition.family = room.text(from.family);
  partition.cycle = from.cycle;
  partition.member = room.text(from.member);
  put(head, partition, sizeof partition + beyond);
  return reinterpret_cast<const scanhost_partition*>(head);
}

}  // namespace lending

// One piece that is lent, given back at the end. `Head` is what the plugin gets a pointer to.
template <class Head>
class lent {
 public:
  // Walks the content twice: the first time to count.
  template <class Content>
  lent(lending_memory& memory, const Content& content, std::size_t beyond) : memory_(memory) {
    lending::layout counted;
    lending::lay_out(counted, content, beyond);
    piece_ = memory.take(counted.used());
    lending::layout room(piece_);
    head_ = lending::lay_out(room, content, beyond);
    memory.seal(piece_);
  }
  ~lent() { give_back(); }
  lent(const lent&) = delete;
  lent& operator=(const lent&) = delete;

  const Head* get() const noexcept { return head_; }
  void give_back() noexcept {
    if (!piece_.empty()) memory_.give_back(std::exchange(piece_, {}));
  }

 private:
  lending_memory& memory_;
  lending_memory::piece piece_;
  const Head* head_ = nullptr;
};

using lent_replies = lent<scanhost_replies>;
using lent_partition = lent<scanhost_partition>;

}  // namespace scanhost::inline v1_0::testing
