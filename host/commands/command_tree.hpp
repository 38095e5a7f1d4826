// SPDX-License-Identifier: Apache-2.0
//
// The commands and their options as plain data, read from the parser of the command line, so that --help, the
// manual page and the completions of shells always say the same.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace scanhost::commands {

struct option_entry {
  std::vector<std::string> names;  // "--config", "-h"
  bool takes_value = false;
  std::vector<std::string> choices;  // of its value; empty: any
  std::string default_value;         // empty: none that is shown
  std::string help;
};

struct argument_entry {
  std::string name;
  bool required = false;
  bool repeats = false;
  std::string help;
};

struct command_entry {
  std::string name;
  std::string help;
  std::string footer;
  std::vector<argument_entry> arguments;
  std::vector<option_entry> options;
  std::vector<command_entry> commands;
  bool passes_words_on = false;  // what follows is another program's business
};

command_entry read_commands(const CLI::App& app);

}  // namespace scanhost::commands
