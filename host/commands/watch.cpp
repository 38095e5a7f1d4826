// SPDX-License-Identifier: Apache-2.0
#include "commands/watch.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "base/counted.hpp"
#include "commands/output.hpp"

namespace scanhost::commands {
namespace {

constexpr std::string_view top_without_wrapping = "\033[H\033[?7l";
constexpr std::string_view end_of_line = "\033[K\n";
constexpr std::string_view rest_of_screen = "\033[J\033[?7h";

constexpr char below_the_frame[] = "\033[?7h\n";  // lines wrap again, and the prompt gets its own

void leave_terminal(int) {
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, below_the_frame, sizeof below_the_frame - 1);
  _exit(static_cast<int>(base::exit_code::ok));
}

void leave_pipe(int) { _exit(static_cast<int>(base::exit_code::ok)); }

// Nothing has to be undone but what the terminal was told, so the handler itself ends the process.
void end_on_interrupt(bool has_terminal) {
  struct sigaction action {};
  action.sa_handler = has_terminal ? &leave_terminal : &leave_pipe;
  ::sigaction(SIGINT, &action, nullptr);
}

std::string after_the_last(const std::string& text, const terminal& screen, bool first) {
  if (!screen.present) return (first ? "" : "\n") + text;
  return (first ? "\033[2J" : "") + frame_of(text, screen.rows);
}

}  // namespace

std::string frame_of(std::string_view text, std::size_t rows) {
  std::string frame(top_without_wrapping);
  std::size_t lines = 0;
  std::size_t left_out = 0;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    // Two rows stay free: for what was left out, and for the cursor.
    if (rows > 2 && lines + 2 >= rows) {
      ++left_out;
      continue;
    }
    frame += fmt::format("{}{}", line, end_of_line);
    ++lines;
  }
  if (left_out > 0) frame += fmt::format("({} below)\033[K\n", base::counted(left_out, "more line"));
  return frame + std::string(rest_of_screen);
}

base::exit_code watch(base::milliseconds period,
                      const std::function<base::result<std::string>(const terminal&)>& draw) {
  end_on_interrupt(standard_output().present);
  for (bool first = true;; first = false) {
    const auto next = base::steady::now() + period;
    const auto screen = standard_output();
    const auto text = draw(screen);
    if (!text) return report(text.error());
    if (auto printed = print(after_the_last(*text, screen, first)); !printed) return report(printed.error());
    std::this_thread::sleep_until(next);
  }
}

}  // namespace scanhost::commands
