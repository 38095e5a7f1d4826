// SPDX-License-Identifier: Apache-2.0
#include "store/protocol/batch.hpp"

#include <array>
#include <cstring>
#include <new>

#include "scanhost/detail/sanitizers.hpp"
#include "store/protocol/missing_right.hpp"

namespace scanhost::store {
namespace {

constexpr std::int32_t still_open = -1;

// The memory of batches that are gone.
class spare_batches {
 public:
  spare_batches() = default;
  spare_batches(const spare_batches&) = delete;
  spare_batches& operator=(const spare_batches&) = delete;
  ~spare_batches() {
    while (auto* memory = take()) ::operator delete(memory);
  }

  // Null: there is none.
  void* take() noexcept { return count_ == 0 ? nullptr : kept_[--count_]; }
  // False: there are enough. None is kept where a use after free is looked for.
  bool keep(void* memory) noexcept {
    if (detail::address_sanitizer || count_ == kept_.size()) return false;
    kept_[count_++] = memory;
    return true;
  }

 private:
  std::array<void*, 64> kept_{};
  std::size_t count_ = 0;
};

thread_local spare_batches spare;

}  // namespace

void* batch::operator new(std::size_t size) {
  auto* memory = spare.take();
  return memory != nullptr ? memory : ::operator new(size);
}

void batch::operator delete(void* memory) noexcept {
  if (!spare.keep(memory)) ::operator delete(memory);
}

batch::batch(std::size_t count) : memory_(room_.data(), room_.size()) {
  void* place = memory_.allocate(count * sizeof(scanhost_outcome), alignof(scanhost_outcome));
  auto* first = static_cast<scanhost_outcome*>(place);
  for (std::size_t i = 0; i < count; ++i) {
    ::new (static_cast<void*>(first + i))
        scanhost_outcome{sizeof(scanhost_outcome), still_open, nullptr, {nullptr, 0}};
  }
  outcomes_ = {first, count};
  raw_ = {sizeof(scanhost_replies), sizeof(scanhost_outcome), count, first};
}

void batch::answer(const scanhost_reply& reply) {
  auto& outcome = outcomes_[next_open()];
  ++next_;
  outcome.reply = &reply;
  outcome.kind = SCANHOST_OUTCOME_REPLY;
  if (reply.kind != SCANHOST_REPLY_ERROR) return;
  const std::string_view text(reply.text.data, reply.text.size);
  outcome.kind = outcome_of_error(text);
  outcome.message = reply.text;
  if (is_missing_right(text)) outcome.message = keep(with_missing_right(text));
}

std::size_t batch::next_open() noexcept {
  while (outcomes_[next_].kind != still_open) ++next_;
  return next_;
}

void batch::reopen(std::span<const std::size_t> indexes) noexcept {
  for (const auto index : indexes)
    outcomes_[index] = {sizeof(scanhost_outcome), still_open, nullptr, {nullptr, 0}};
  next_ = indexes.front();
}

void batch::settle(std::size_t index, std::int32_t kind, std::string_view message) {
  outcomes_[index].kind = kind;
  outcomes_[index].message = keep(message);
}

void batch::settle_next(std::int32_t kind, std::string_view message) {
  while (next_ < outcomes_.size() && outcomes_[next_].kind != still_open) ++next_;
  if (next_ < outcomes_.size()) settle(next_++, kind, message);
}

void batch::settle_open(std::int32_t kind, std::string_view message) {
  const auto kept = keep(message);
  for (auto& outcome : outcomes_.subspan(next_)) {
    if (outcome.kind != still_open) continue;
    outcome.kind = kind;
    outcome.message = kept;
  }
  next_ = outcomes_.size();
}

scanhost_string batch::keep(std::string_view text) {
  auto* copy = static_cast<char*>(memory_.allocate(text.size() + 1, 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

void count_outcomes(const scanhost_replies& replies, outcome_counts& counts) noexcept {
  for (const auto& outcome : std::span(replies.outcomes, replies.outcome_count)) {
    ++counts[static_cast<std::size_t>(outcome.kind)];
  }
}

}  // namespace scanhost::store
