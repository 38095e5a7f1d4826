// SPDX-License-Identifier: Apache-2.0
//
// What a plugin sends to the store, as the server's access rules see it: names of commands, patterns that its
// keys match, channels. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "scanhost/testing/answer.hpp"

namespace scanhost::verify {

struct observed_commands {
  std::set<std::string> names;       // upper case, with its sub-command where the command has some
  std::set<std::string> in_scripts;  // the same, of commands that its scripts run
  std::set<std::string> keys;        // globs, as access rules have them
  std::set<std::string> channels;    // the same, of what it publishes to
  std::set<std::string> unknown;     // commands whose keys are not known
  bool writes = false;               // some of its commands may change a key

  void merge(const observed_commands& other);
  bool operator==(const observed_commands&) const = default;
};

// Of one command.
observed_commands observe(const testing::call& sent);

// A pattern for this key and for those that differ from it in their ids: its text up to and with the first
// colon, or up to the first digit where that is earlier. "cart:{shard:3}:by_touch" -> "cart:*"
std::string key_pattern(std::string_view key);

// Whether a command of this name may change a key, as far as the name tells.
bool may_write(const std::string& name);

// Commands that the text of a plugin's file names: words at the end of a text in it that are the name of a
// command on keys, or end with one. Some of them may have another meaning there, and it may build further
// names when it runs.
std::set<std::string> commands_named_in(std::string_view file);

}  // namespace scanhost::verify
