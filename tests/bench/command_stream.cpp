// SPDX-License-Identifier: Apache-2.0
#include "bench/command_stream.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace scanhost::bench {
namespace {

constexpr std::string_view marker = "scanhost-bench-end-of-record";

[[noreturn]] void not_a_line(std::string_view line) {
  throw std::runtime_error("MONITOR sent a line that cannot be parsed: " + std::string(line.substr(0, 200)));
}

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  throw std::runtime_error("MONITOR sent a bad hexadecimal digit");
}

char plain_escape(char letter) {
  switch (letter) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    default:
      return letter;  // a backslash or a quote
  }
}

// Reads one quoted argument. `at` is at its opening quote and afterwards behind its closing quote.
std::string quoted(std::string_view line, std::size_t& at) {
  std::string text;
  for (++at; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] != '\\') {
      text += line[at];
      continue;
    }
    if (++at >= line.size()) not_a_line(line);
    if (line[at] == 'x' && at + 2 < line.size()) {
      text += static_cast<char>(hex_digit(line[at + 1]) * 16 + hex_digit(line[at + 2]));
      at += 2;
    } else {
      text += plain_escape(line[at]);
    }
  }
  if (at >= line.size()) not_a_line(line);
  ++at;
  return text;
}

// What a host sends to set up a connection or to examine the deployment before its first cycle.
bool belongs_to_start(const command& args) {
  constexpr std::array<std::string_view, 8> names{"HELLO",    "AUTH",   "CLIENT", "COMMAND",
                                                  "FUNCTION", "SELECT", "INFO",   "PING"};
  return std::ranges::find(names, args[0]) != names.end() ||
         (args.size() > 1 && args[1] == "ff:config:partitions");
}

}  // namespace

monitored parse_monitor_line(std::string_view line) {
  monitored result;
  result.at_ms = std::strtod(std::string(line.substr(0, line.find(' '))).c_str(), nullptr) * 1000;
  const auto opening = line.find('[');
  auto at = line.find("] \"");
  if (result.at_ms == 0 || opening == std::string_view::npos || at == std::string_view::npos)
    not_a_line(line);
  const auto sender = line.substr(opening, at - opening);
  result.of_script = sender.ends_with(" lua");
  for (at += 2; at < line.size() && line[at] == '"'; ++at) result.args.push_back(quoted(line, at));
  return result;
}

std::vector<monitored> record(const std::string& socket_path, const std::function<void()>& work) {
  raw_client monitor(socket_path);
  monitor.call({"MONITOR"});
  work();
  raw_client(socket_path).call({"ECHO", marker});
  std::vector<monitored> lines;
  while (true) {
    const auto line = monitor.read();
    auto entry = parse_monitor_line({line->str, line->len});
    if (entry.args.size() == 2 && entry.args[1] == marker) return lines;
    lines.push_back(std::move(entry));
  }
}

std::vector<command> commands_of_cycle(const std::vector<monitored>& lines) {
  std::vector<command> commands;
  for (const auto& line : lines) {
    if (line.of_script || belongs_to_start(line.args)) continue;
    // Each connection asks for the time when it opens; the cycle asks once.
    if (line.args[0] == "TIME" && commands.size() == 1 && commands[0][0] == "TIME") continue;
    commands.push_back(line.args);
  }
  return commands;
}

void replay(raw_client& client, const std::vector<command>& commands, std::size_t window) {
  std::vector<std::string_view> args;
  std::size_t open = 0;
  for (const auto& words : commands) {
    args.assign(words.begin(), words.end());
    client.append(args);
    if (++open < window) continue;
    for (; open > window / 2; --open) client.read();
  }
  for (; open > 0; --open) client.read();
}

}  // namespace scanhost::bench
