// SPDX-License-Identifier: Apache-2.0
#include "verify/lent.hpp"

#include <cstring>
#include <string_view>

namespace scanhost::verify {
namespace {

constexpr std::size_t alignment = alignof(std::max_align_t);

// Hands out one piece from its start on. Without a piece it only counts.
class layout {
 public:
  explicit layout(reply_memory::piece piece = {}) noexcept : memory_(piece) {}

  std::byte* room(std::size_t size) noexcept {
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
  reply_memory::piece memory_;
  std::size_t used_ = 0;
};

scanhost_reply node_of(const testing::value& from, layout& room) {
  scanhost_reply node{};
  node.kind = from.kind;
  node.integer = from.number;
  node.text = room.text(from.text);
  if (from.elements.empty()) return node;
  auto* elements =
      reinterpret_cast<scanhost_reply*>(room.room(from.elements.size() * sizeof(scanhost_reply)));
  for (std::size_t i = 0; i < from.elements.size(); ++i) {
    const auto element = node_of(from.elements[i], room);
    if (elements != nullptr) elements[i] = element;
  }
  node.elements = elements;
  node.element_count = from.elements.size();
  return node;
}

template <class Struct>
void put(std::byte* at, Struct value, std::size_t stride) {
  if (at == nullptr) return;
  value.struct_size = static_cast<std::uint32_t>(stride);
  std::memset(at, 0xa5, stride);  // what a later minor has there is nothing that this plugin knows
  std::memcpy(at, &value, sizeof value);
}

scanhost_outcome outcome_of(const testing::answer& from, layout& room) {
  scanhost_outcome outcome{};
  outcome.kind = from.kind;
  outcome.message = room.text(from.message);
  if (!from.answered) return outcome;
  auto* reply = reinterpret_cast<scanhost_reply*>(room.room(sizeof(scanhost_reply)));
  const auto node = node_of(from.reply, room);
  if (reply != nullptr) *reply = node;
  outcome.reply = reply;
  return outcome;
}

const scanhost_replies* lay_out(layout& room, const std::vector<testing::answer>& answers,
                                std::size_t beyond) {
  const auto stride = sizeof(scanhost_outcome) + beyond;
  auto* head = room.room(sizeof(scanhost_replies) + beyond);
  auto* outcomes = room.room(stride * answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto outcome = outcome_of(answers[i], room);
    put(outcomes == nullptr ? nullptr : outcomes + i * stride, outcome, stride);
  }
  scanhost_replies replies{};
  replies.outcome_stride = static_cast<std::uint32_t>(stride);
  replies.outcome_count = answers.size();
  replies.outcomes = reinterpret_cast<const scanhost_outcome*>(outcomes);
  put(head, replies, sizeof replies + beyond);
  return reinterpret_cast<const scanhost_replies*>(head);
}

const scanhost_partition* lay_out(layout& room, const partition& where, std::size_t beyond) {
  auto* at = room.room(sizeof(scanhost_partition) + beyond);
  scanhost_partition raw{};
  raw.index = where.index;
  raw.count = where.count;
  raw.flags = where.flags;
  raw.tag = room.text(where.tag);
  raw.family = room.text(where.family);
  raw.cycle = where.cycle;
  put(at, raw, sizeof raw + beyond);
  return reinterpret_cast<const scanhost_partition*>(at);
}

// Twice the same walk: the first one counts.
template <class Content>
auto lent(reply_memory& memory, const Content& content, std::size_t beyond) {
  layout count;
  lay_out(count, content, beyond);
  const auto piece = memory.take(count.used());
  layout room(piece);
  const auto* head = lay_out(room, content, beyond);
  memory.seal(piece);
  return std::pair(piece, head);
}

}  // namespace

lent_replies lend(reply_memory& memory, const std::vector<testing::answer>& answers, std::size_t beyond) {
  const auto [piece, replies] = lent(memory, answers, beyond);
  return {piece, replies};
}

lent_partition lend(reply_memory& memory, const partition& where, std::size_t beyond) {
  const auto [piece, raw_partition] = lent(memory, where, beyond);
  return {piece, raw_partition};
}

}  // namespace scanhost::verify
