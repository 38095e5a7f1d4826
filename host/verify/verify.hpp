// SPDX-License-Identifier: Apache-2.0
//
// The conformance tool: all checks of one plugin file. The file itself is read here; every check that runs
// code of the plugin runs in a child process of its own, with a deadline.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/redaction.hpp"
#include "config/description.hpp"
#include "config/settings.hpp"
#include "plugin/child.hpp"
#include "plugin/elf.hpp"
#include "verify/exercise.hpp"
#include "verify/fault.hpp"
#include "verify/store_file.hpp"

namespace scanhost::verify {

enum class verdict { passed, faulty, skipped };
std::string_view to_text(verdict outcome) noexcept;  // "passed"

struct check_result {
  std::string name;    // stable
  std::string proves;  // "it exports nothing else"
  verdict outcome = verdict::passed;
  findings found;
  std::string skipped_because = {};
};

struct options {
  plugin::elf_rules rules;
  base::milliseconds limit{20'000};  // for each child
  config::option_values values;      // of the plugin's options, the secret ones too
  store_commands store;              // write what the store holds; empty: it holds what the plugin asks for
  base::redaction secrets;           // taken out of the findings
  std::vector<std::string>
      only;  // names of checks; empty: all. `load` and `scan` are added if the others need them
};

struct report {
  std::filesystem::path file;
  std::optional<config::description> description;  // if the plugin could be loaded
  std::vector<check_result> checks;                // in the order in which they were made
  std::optional<exercise> exercised;               // if the check of that name was made to its end

  bool clean() const noexcept;
};

// The names of all checks, in order.
std::vector<std::string> check_names();

// The required options that have no value in `given`. The checks invent values for them.
std::vector<std::string> invented_options(const config::description& plugin,
                                          const config::option_values& given);

// An error only if the file cannot be read at all. `progress` is called after each check.
plugin::load_result<report> verify_plugin(const std::filesystem::path& file, const options& how,
                                          const std::function<void(const check_result&)>& progress);

// What the end of a check's child process shows.
check_result judge(check_result asked, const plugin::child_ending& ending, base::milliseconds limit);

// The child's side: `scanhost --verify CHECK FILE NAME LIMIT_MS`, with a check_input on its standard input.
// Returns the exit code.
int run_check(int argc, char** argv);

}  // namespace scanhost::verify
