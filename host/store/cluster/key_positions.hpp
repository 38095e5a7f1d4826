// SPDX-License-Identifier: Apache-2.0
//
// Where the first key of a command is, as the server describes it in COMMAND, subcommands included. One key
// decides the node: a command whose keys lie in several slots is refused by the server wherever it goes.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanhost/store.h"

namespace scanhost::store {

class key_positions {
 public:
  // From the reply to COMMAND; what cannot be read is left out.
  static key_positions of(const scanhost_reply& commands);

  bool empty() const noexcept { return rules_.empty(); }

  // Null data: the command has no key, or nothing is known of it. As long as the command's arguments.
  std::string_view first_key(const scanhost_command& command) const;

 private:
  // One way to find keys (a "key specification").
  struct rule {
    std::string keyword = {};  // begin behind this word; empty: at the index `begin`
    std::int64_t begin = 0;    // with a keyword: where to search from; negative: from the end, backwards
    bool counted = false;      // the number of keys is at begin + count_at, the first at begin + first_at
    std::int64_t count_at = 0;
    std::int64_t first_at = 0;
  };
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  void add(const scanhost_reply& command);
  static bool read_rule(const scanhost_reply& description, rule& to);
  const std::vector<rule>* rules_of(const scanhost_command& command) const;
  static std::string_view key_by(const rule& how, const scanhost_command& command);

  // By the command's name in lower case; a subcommand's is "xinfo|stream".
  std::unordered_map<std::string, std::vector<rule>, hash, std::equal_to<>> rules_;
};

}  // namespace scanhost::store
