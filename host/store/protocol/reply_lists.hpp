// SPDX-License-Identifier: Apache-2.0
//
// Lists in replies of the server, and lists of names and values in turn. A reply that is none (also: null) is
// read as one without elements. What is returned lives as long as the reply. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "scanhost/text.hpp"

namespace scanhost::store {

using reply_list = std::span<const scanhost_reply>;

inline reply_list list_in(const scanhost_reply* reply) noexcept {
  if (reply == nullptr || reply->kind != SCANHOST_REPLY_ARRAY) return {};
  return {reply->elements, reply->element_count};
}

// The value behind a name; null: there is none.
inline const scanhost_reply* value_in(reply_list fields, std::string_view name) noexcept {
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
    if (view(fields[i].text) == name) return &fields[i + 1];
  return nullptr;
}

// The text of a reply; empty: it has none.
inline std::string_view text_in(const scanhost_reply* reply) noexcept {
  return reply == nullptr ? std::string_view() : view(reply->text);
}

inline bool has_text(reply_list list, std::string_view text) noexcept {
  return std::ranges::any_of(list, [&](const scanhost_reply& element) { return view(element.text) == text; });
}

}  // namespace scanhost::store
