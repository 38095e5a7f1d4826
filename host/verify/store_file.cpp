// SPDX-License-Identifier: Apache-2.0
#include "verify/store_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "scanhost/testing/memory_store.hpp"

namespace scanhost::verify {
namespace {

bool is_blank(char byte) noexcept { return byte == ' ' || byte == '\t' || byte == '\r'; }

// A cursor over the words of one line.
class line_reader {
 public:
  explicit line_reader(std::string_view line) noexcept : left_(line) {}

  // Nothing: a quote is not closed, or text follows a closing one.
  std::optional<std::vector<std::string>> words() {
    std::vector<std::string> found;
    for (skip_blanks(); !left_.empty(); skip_blanks()) {
      auto next = word();
      if (!next) return std::nullopt;
      found.push_back(std::move(*next));
    }
    return found;
  }

 private:
  void skip_blanks() noexcept {
    while (!left_.empty() && is_blank(left_.front())) left_.remove_prefix(1);
  }
  char take() noexcept {
    const char first = left_.front();
    left_.remove_prefix(1);
    return first;
  }

  std::optional<std::string> word() {
    std::string text;
    while (!left_.empty() && !is_blank(left_.front())) {
      if (left_.front() != '"' && left_.front() != '\'') {
        text += take();
        continue;
      }
      const char quote = take();
      if (!read_quoted(quote, text) || (!left_.empty() && !is_blank(left_.front()))) return std::nullopt;
    }
    return text;
  }

  bool read_quoted(char quote, std::string& text) {
    while (!left_.empty()) {
      const char next = take();
      if (next == quote) return true;
      if (next == '\\' && !left_.empty() && (quote == '"' || left_.front() == '\''))
        text += escaped();
      else
        text += next;
    }
    return false;
  }

  char escaped() {
    const char letter = take();
    unsigned char byte = 0;
    if (letter == 'x' && left_.size() >= 2 &&
        std::from_chars(left_.data(), left_.data() + 2, byte, 16).ptr == left_.data() + 2) {
      left_.remove_prefix(2);
      return static_cast<char>(byte);
    }
    constexpr std::string_view letters = "nrtba", bytes = "\n\r\t\b\a";
    const auto at = letters.find(letter);
    return at == std::string_view::npos ? letter : bytes[at];
  }

  std::string_view left_;
};

base::error wrong_line(std::size_t number, std::string_view why) {
  return base::fail(base::errc::data, fmt::format("line {}: {}", number, why));
}

}  // namespace

base::result<store_commands> parse_store_commands(std::string_view text) {
  store_commands commands;
  testing::memory_store trial;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    auto words = line_reader(text.substr(0, end)).words();
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!words) return wrong_line(number, "a quote is not closed, or has no space behind it");
    if (words->empty() || words->front().starts_with('#')) continue;
    if (!testing::memory_store::knows(words->front()))
      return wrong_line(
          number, fmt::format("the model of a store does not know {}; write the record with another command",
                              words->front()));
    if (const auto reply = trial.run(*words); reply.kind == SCANHOST_REPLY_ERROR)
      return wrong_line(number, reply.text);
    commands.push_back(std::move(*words));
  }
  return commands;
}

base::result<store_commands> read_store_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file))
    return base::fail(base::errc::no_input,
                      fmt::format("{} cannot be read; --before names a file of commands", file.string()));
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  auto commands = parse_store_commands(text);
  if (!commands)
    return base::fail(commands.error().code, fmt::format("{}: {}", file.string(), commands.error().message));
  if (commands->empty())
    return base::fail(base::errc::data, fmt::format("{} has no command; leave --before out", file.string()));
  return commands;
}

}  // namespace scanhost::verify
