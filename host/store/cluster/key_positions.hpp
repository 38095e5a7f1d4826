// SPDX-License-Identifier: Apache-2.0
//
// Where the keys of a command are, as the server describes it in COMMAND, subcommands included. The first
// decides the node: a command whose keys lie in several slots is refused by the server wherever it goes.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

  // All keys that the command names; of a script or function those that it declares. None: the server does
  // not say where all of them are, or does not know the command.
  std::optional<std::vector<std::string_view>> all_keys(const scanhost_command& command) const;

 private:
  // One way to find keys (a "key specification").
  struct rule {
    std::string keyword = {};  // begin behind this word; empty: at the index `begin`
    std::int64_t begin = 0;    // with a keyword: where to search from; negative: from the end, backwards
    bool counted = false;      // the number of keys is at begin + count_at, the first at begin + first_at
    std::int64_t count_at = 0;
    std::int64_t first_at = 0;
    std::int64_t last = 0;  // not counted: the last key, from `begin`; negative: from the end, backwards
    std::int64_t step = 1;  // from one key to the next
    std::int64_t limit =
        0;  // with a negative `last`: keys are in the first of so many equal parts; 0: in all
  };
  struct command_keys {
    std::vector<rule> rules = {};
    bool complete = true;  // the rules find all keys
  };
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  void add(const scanhost_reply& command);
  static bool read_rule(const scanhost_reply& description, rule& to);
  const command_keys* keys_of(const scanhost_command& command) const;
  static std::string_view key_by(const rule& how, const scanhost_command& command);
  static bool append_keys(const rule& how, const scanhost_command& command,
                          std::vector<std::string_view>& to);

  // By the command's name in lower case; a subcommand's is "xinfo|stream".
  std::unordered_map<std::string, command_keys, hash, std::equal_to<>> rules_;
};

}  // namespace scanhost::store
