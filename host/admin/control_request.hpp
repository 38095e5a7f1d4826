// SPDX-License-Identifier: Apache-2.0
//
// What an operator asks of a running host, and what comes of it. Plain values.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/exit_code.hpp"

namespace scanhost::admin {

struct control_request {
  std::string command;  // one of commands.hpp: "reload"
  std::vector<std::string> arguments;
  std::map<std::string, std::string> options = {};  // by name: {"for", "2h"}
  // Who asks, for people: the user at the other end of the control socket, or "the page (ADDRESS)".
  std::string by = {};

  friend bool operator==(const control_request&, const control_request&) = default;
};

struct control_answer {
  base::exit_code code = base::exit_code::ok;
  std::string message;  // for people, any number of lines
  std::string data;     // for scripts: JSON text, or empty
};

// Is called once, on the io_context's thread, at once or later.
using on_answer = std::function<void(control_answer)>;
using control_handler = std::function<void(const control_request&, on_answer)>;

}  // namespace scanhost::admin
