// SPDX-License-Identifier: Apache-2.0
#include "commands/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace scanhost::commands {

bool wants_colors(const base::environment& variables) {
  const auto unwanted = variables("NO_COLOR");
  if (unwanted && !unwanted->empty()) return false;
  const auto kind = variables("TERM");
  return kind && !kind->empty() && *kind != "dumb";
}

terminal standard_output() {
  terminal found;
  found.present = ::isatty(STDOUT_FILENO) == 1;
  if (!found.present) return found;
  found.colors = wants_colors(base::process_environment);
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return found;
  found.columns = size.ws_col;
  found.rows = size.ws_row;
  return found;
}

}  // namespace scanhost::commands
