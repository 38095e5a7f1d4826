// SPDX-License-Identifier: Apache-2.0
//
// The commands for a running host. This one table serves `scanhost ctl`, the HTTP routes, the buttons of the
// page and the table in README.md.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/control_request.hpp"

namespace scanhost::admin {

class control;

// What the page has a button for. Whoever may press it can name that much, and no more.
enum class button {
  none,        // the command is for the owner of the host
  of_scanner,  // one scanner
  of_items,    // one scanner, and perhaps one of its items
  of_build     // one build
};

enum class arity { none, single, pair, at_most_one, one_or_two, at_least_one, any };

// Is given as --NAME VALUE to `scanhost ctl`, and as NAME=VALUE after the '?' over HTTP.
struct command_option {
  std::string_view name;
  std::string_view value;  // what a value is: "DURATION"
  std::string_view help;
};

struct command {
  std::string_view name;
  arity arguments;
  button on_page;
  std::string_view
      argument;  // what an argument is: "scanner", of a pair "scanner level"; empty: it takes none
  std::string_view help;
  std::string_view method;  // GET: it changes nothing
  std::string_view target;  // the path of its route; arguments follow, each after a '/'
  // What it does; null: the route answers by itself.
  void (control::*perform)(const control_request& request, on_answer done);
  std::span<const command_option> options = {};
};

std::span<const command> commands() noexcept;

// Null: there is none of that name.
const command* find_command(std::string_view name) noexcept;

// "status, reload, plan ...": for error texts.
std::string command_names();

// As it is typed: "pause [SCANNER...] [--for DURATION]".
std::string usage_of(const command& entry);

// Why that many arguments are wrong for it; empty: they are right.
std::string wrong_count(const command& entry, std::size_t count);

// Why it does not have one of these options; empty: it has all.
std::string unknown_option(const command& entry, const std::map<std::string, std::string>& options);

// Looks the command up, checks its options and how many arguments there are, and has it performed.
void perform(control& control, const control_request& request, on_answer done);

}  // namespace scanhost::admin
