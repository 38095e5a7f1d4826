// SPDX-License-Identifier: Apache-2.0
//
// What `scanhost ctl` asks of a running host, and what it is told. Plain values.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/exit_code.hpp"

namespace scanhost::admin {

struct control_request {
  std::string command;  // "reload"
  std::vector<std::string> arguments;

  friend bool operator==(const control_request&, const control_request&) = default;
};

struct control_answer {
  base::exit_code code = base::exit_code::ok;
  std::string message;  // for people, any number of lines
  std::string data;     // for scripts: JSON text, or empty
};

// Takes the answer to one request: once, on the io_context's thread, at once or later. Copies may go on any
// thread, but on another one than the io_context's only while that lives. When all of them have gone without
// a call, the answer is that there is none; whoever is no longer there gets none.
using control_reply = std::function<void(control_answer)>;
using control_handler = std::function<void(control_request, control_reply)>;

}  // namespace scanhost::admin
