// SPDX-License-Identifier: Apache-2.0
//
// What a command may do to the store. The server's own table says it: COMMAND, with subcommands. A command
// reads if the table flags it `readonly` and none of its keys as changed: PFCOUNT is `readonly`, and yet may
// rewrite its key. A few that name no key are harmless without that flag, such as PING. Everything else
// counts as a change, also what nobody knows. Pure.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "scanhost/store.h"

namespace scanhost::store {

enum class effect {
  reads,   // changes nothing
  script,  // a script or function, which may change something; its read-only form does not
  changes  // may change something
};

class command_effects {
 public:
  // Without a table only what is harmless by itself reads.
  command_effects() = default;
  // From the reply to COMMAND; what cannot be read is left out.
  static command_effects of(const scanhost_reply& commands);

  bool empty() const noexcept { return reading_.empty(); }

  effect of(const scanhost_command& command) const;

 private:
  void add(const scanhost_reply& command);

  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  // In lower case; a subcommand is "xinfo|stream".
  std::unordered_set<std::string, hash, std::equal_to<>> reading_;
};

// What a command is called in log lines, the audit and the permissions: "HSET", the function
// "my_function", or EVALSHA for a script by handle.
struct command_title {
  std::string command;   // in upper case
  std::string function;  // empty: it calls none
  std::string script;    // its SHA-1; empty: it runs none by handle
  const std::string& text() const noexcept { return function.empty() ? command : function; }
};
command_title title_of(const scanhost_command& command);

}  // namespace scanhost::store
