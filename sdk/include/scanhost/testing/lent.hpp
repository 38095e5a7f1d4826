// SPDX-License-Identifier: Apache-2.0
//
// Memory that the fake host lends to a plugin by the rules of growing structs, and how it reads what a
// plugin lends. A host of a later minor is played by bytes beyond each struct, filled with a pattern.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "../detail/growing.hpp"
#include "../plugin.h"
#include "answer.hpp"

namespace scanhost::testing {

using detail::read_growing;
using detail::read_growing_plugin;

// `count` structs, `beyond` bytes further apart than this host's headers say; the same in struct_size.
template <class Struct>
class lent_structs {
 public:
  lent_structs(std::size_t count, std::size_t beyond)
      : stride_(sizeof(Struct) + beyond),
        bytes_(std::make_unique<std::byte[]>(stride_ * std::max<std::size_t>(count, 1))) {
    std::memset(bytes_.get(), 0xA5, stride_ * std::max<std::size_t>(count, 1));
  }
  void set(std::size_t index, Struct value) {
    value.struct_size = static_cast<std::uint32_t>(stride_);
    std::memcpy(bytes_.get() + index * stride_, &value, sizeof value);
  }
  const Struct* get() const noexcept { return reinterpret_cast<const Struct*>(bytes_.get()); }
  std::size_t stride() const noexcept { return stride_; }

 private:
  std::size_t stride_;
  std::unique_ptr<std::byte[]> bytes_;
};

// The outcomes of one `execute` in the form of the ABI. What a plugin still reads after it was released
// is freed memory: run the tests under AddressSanitizer to see it.
class lent_batch {
 public:
  lent_batch(std::vector<answer> answers, std::size_t beyond)
      : answers_(std::move(answers)), outcomes_(answers_.size(), beyond), replies_(1, beyond) {
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      scanhost_outcome raw{};
      raw.kind = answers_[i].kind;
      raw.reply =
          answers_[i].answered ? store(std::vector<scanhost_reply>{node(answers_[i].reply)}).data() : nullptr;
      raw.message = to_c(answers_[i].message);
      outcomes_.set(i, raw);
    }
    scanhost_replies raw{};
    raw.outcome_stride = static_cast<std::uint32_t>(outcomes_.stride());
    raw.outcome_count = answers_.size();
    raw.outcomes = outcomes_.get();
    replies_.set(0, raw);
  }
  lent_batch(const lent_batch&) = delete;
  lent_batch& operator=(const lent_batch&) = delete;

  const scanhost_replies* get() const noexcept { return replies_.get(); }

 private:
  scanhost_reply node(const value& from) {
    scanhost_reply raw{};
    raw.kind = from.kind;
    raw.integer = from.number;
    raw.text = to_c(from.text);
    if (from.elements.empty()) return raw;
    std::vector<scanhost_reply> below;
    for (const auto& element : from.elements) below.push_back(node(element));
    raw.element_count = below.size();
    raw.elements = store(std::move(below)).data();
    return raw;
  }
  std::vector<scanhost_reply>& store(std::vector<scanhost_reply> nodes) {
    return nodes_.emplace_back(std::move(nodes));
  }

  std::vector<answer> answers_;
  std::deque<std::vector<scanhost_reply>> nodes_;
  lent_structs<scanhost_outcome> outcomes_;
  lent_structs<scanhost_replies> replies_;
};

}  // namespace scanhost::testing
