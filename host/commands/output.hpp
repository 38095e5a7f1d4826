// SPDX-License-Identifier: Apache-2.0
//
// How commands print: errors to standard error, tables and JSON to standard output.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/exit_code.hpp"

namespace scanhost::commands {

// Prints "scanhost: <message>" (each line of it) and gives the exit code that belongs to it.
base::exit_code report(const base::error& problem);

// The same for scripts: outcome_json() on standard output.
base::exit_code report_as_json(const base::error& problem);

// {"ok": ..., "exit_code": ..., "message": ...}
std::string outcome_json(base::exit_code code, const std::string& message);

void warn(const std::string& message);

// Rows in aligned columns, the first row being the heading. Numbers are aligned to the right.
std::string table_of(const std::vector<std::vector<std::string>>& rows);
void print_table(const std::vector<std::vector<std::string>>& rows);

// Prints a text and flushes; an error when standard output is gone or full.
base::result<void> print(const std::string& text);

}  // namespace scanhost::commands
