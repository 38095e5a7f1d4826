// SPDX-License-Identifier: Apache-2.0
//
// A queue in one ring of memory that it keeps: std::deque allocates and frees a block every few elements. Not
// thread safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace scanhost::base {

template <class Element>
class ring_queue {
 public:
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }

  // By their order. Precondition: index < size(). References hold until the next emplace_back().
  Element& operator[](std::size_t index) noexcept { return *slot(index); }
  const Element& operator[](std::size_t index) const noexcept { return *slots_[place(index)]; }
  Element& front() noexcept { return (*this)[0]; }
  const Element& front() const noexcept { return (*this)[0]; }

  template <class... Args>
  Element& emplace_back(Args&&... args) {
    if (size_ == slots_.size()) grow();
    auto& element = slot(size_).emplace(std::forward<Args>(args)...);
    ++size_;
    return element;
  }

  // Precondition: not empty().
  void pop_front() noexcept {
    slot(0).reset();
    first_ = place(1);
    if (--size_ == 0 && slots_.size() > max_kept) slots_ = decltype(slots_)();
  }

  void clear() noexcept {
    while (!empty()) pop_front();
  }

 private:
  static constexpr std::size_t min_slots = 16;
  // An empty queue that was longer than this gives its memory back.
  static constexpr std::size_t max_kept = 512;

  // The number of slots is a power of two.
  std::size_t place(std::size_t index) const noexcept { return (first_ + index) & (slots_.size() - 1); }
  std::optional<Element>& slot(std::size_t index) noexcept { return slots_[place(index)]; }

  void grow() {
    std::vector<std::optional<Element>> larger(std::max(min_slots, 2 * slots_.size()));
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(slot(i));
    slots_ = std::move(larger);
    first_ = 0;
  }

  std::vector<std::optional<Element>> slots_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace scanhost::base
