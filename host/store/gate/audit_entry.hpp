// SPDX-License-Identifier: Apache-2.0
//
// One change, or an attempt at one, as a line of the audit. Arguments of commands are left out: they may be
// anything. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/redaction.hpp"
#include "scanhost/store.h"
#include "store/gate/command_effects.hpp"

namespace scanhost::store {

// Whose changes these are; the same for all of a generation.
struct audit_author {
  std::string scanner;
  std::uint64_t generation = 0;
  std::string build;        // SHA-256
  base::redaction secrets;  // to take out of items and replies
};

struct audit_entry {
  base::timestamp at{};  // of the host's clock
  std::string_view partition;
  std::string_view item;
  const command_title& command;
  const scanhost_outcome& outcome;
  std::optional<base::milliseconds> lateness;  // from the item's due time to the reply; none: not known
};

inline constexpr std::size_t max_reply_text = 200;  // bytes

// As JSON, with a newline at its end. Bytes that are not UTF-8 become the replacement character.
std::string to_line(const audit_author& author, const audit_entry& entry);

// What the server replied: the text, the number, "(nil)", or the elements in brackets; not longer than
// max_reply_text, cut between two characters.
std::string reply_text(const scanhost_reply& reply);

}  // namespace scanhost::store
