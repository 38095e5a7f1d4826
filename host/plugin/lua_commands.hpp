// SPDX-License-Identifier: Apache-2.0
//
// Which commands a plugin's Lua text runs: its function library, and the scripts that its file contains. The
// server checks the rights of the caller for each of them. Pure, and by the text alone: a command counts
// whether or not it is ever reached.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::plugin {

struct lua_commands {
  std::set<std::string>
      names;  // upper case, with its sub-command where the command has some: "XGROUP CREATE"
  std::set<std::string> channels;  // that it publishes to; "*" where the text computes the name
  bool computes_names = false;     // some commands are named only when it runs
};

// Of all calls in the text: redis.call, redis.pcall, server.call, and locals of those names. The text may
// have anything around it, such as a plugin's file.
lua_commands commands_in(std::string_view text);

// Of these functions of a library, and of what they use from it. The whole library where one of them is not
// found in it. Precondition for less than the whole: statements at the top level begin at the start of a
// line, and nothing else does.
lua_commands commands_of(std::string_view library, const std::vector<std::string>& functions);

// Whether a command is only a group of others, which are named by the second word: CLIENT, XGROUP, ...
bool has_sub_commands(std::string_view name) noexcept;

}  // namespace scanhost::plugin
