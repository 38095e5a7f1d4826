// SPDX-License-Identifier: Apache-2.0
#include "config/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/troff.hpp"

namespace scanhost::config {
namespace {

constexpr std::size_t max_width = 100;

struct yaml_line {
  std::size_t indent = 0;
  bool comment = false;
  std::string_view text;  // without indent and '#'
};

yaml_line parse_line(std::string_view line) {
  yaml_line parsed;
  parsed.indent = std::min(line.find_first_not_of(' '), line.size());
  line.remove_prefix(parsed.indent);
  parsed.comment = line.starts_with('#');
  if (parsed.comment) line.remove_prefix(std::min<std::size_t>(line.starts_with("# ") ? 2 : 1, line.size()));
  parsed.text = line;
  return parsed;
}

// The key at the start of "key: value"; empty: there is none. "true: ..." explains a value.
std::string_view key_of(std::string_view text) {
  const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_");
  if (end == 0 || end == std::string_view::npos || text[end] != ':') return {};
  const auto key = text.substr(0, end);
  const bool value_follows = text.size() == end + 1 || text[end + 1] == ' ';
  return value_follows && key != "true" && key != "false" ? key : std::string_view();
}

class reader {
 public:
  void take(std::string_view line) {
    const auto parsed = parse_line(line);
    if (parsed.text.empty()) return end_paragraph(parsed.comment);
    const auto key = parsed.comment && is_prose() ? std::string_view() : key_of(parsed.text);
    if (!key.empty()) return take_key(parsed, key);
    if (parsed.comment) add_comment(parsed.text);
  }

  reference result() && { return std::move(result_); }

 private:
  struct level {
    std::size_t indent;
    std::string name;
    std::string text;  // explains the map, and the keys in it that have no text of their own
    bool open;         // the operator chooses the names in it
  };

  // In the comment about the file, and in the middle of a sentence.
  bool is_prose() const {
    return levels_.empty() || (!text_.empty() && !key_was_last_ && !text_.ends_with('.'));
  }

  // An empty line ends what explains a key; the comment before the first key explains the file.
  void end_paragraph(bool within_comment) {
    if (levels_.empty() && !text_.empty()) result_.introduction += text_ + "\n\n";
    if (levels_.empty() || !within_comment) text_.clear();
    fresh_ = true;
    command_was_last_ = false;
  }

  void add_comment(std::string_view text) {
    if (!fresh_ && key_was_last_) text_.clear();
    // Commands stand on lines of their own.
    const bool command = text.find("  ") != std::string_view::npos;
    if (!text_.empty()) text_ += command || command_was_last_ ? '\n' : ' ';
    command_was_last_ = command;
    text_ += text.substr(std::min(text.find_first_not_of(' '), text.size()));
    fresh_ = key_was_last_ = false;
  }

  void take_key(const yaml_line& line, std::string_view key) {
    while (!levels_.empty() && levels_.back().indent >= line.indent) levels_.pop_back();
    key_was_last_ = true;
    const bool chosen =
        std::any_of(levels_.begin(), levels_.end(), [](const level& above) { return above.open; });
    const bool a_scanner = levels_.size() == 1 && levels_.front().name == "scanners";
    if (a_scanner && std::exchange(scanner_seen_, true)) other_scanner_ = true;
    if (levels_.empty()) other_scanner_ = false;
    const auto value = line.text.substr(std::min(key.size() + 2, line.text.size()));
    const bool free_map = key == "options" || key == "partitions";
    if (!chosen && !other_scanner_) add_key(a_scanner ? "NAME" : key, value, free_map);
    // Below a comment there are no keys of the file.
    if (!line.comment)
      levels_.push_back({line.indent, std::string(a_scanner ? "NAME" : key), text_, free_map});
  }

  void add_key(std::string_view key, std::string_view value, bool free_map) {
    const bool map = value.empty() && !free_map && key != "NAME";
    if (map) return;
    const auto& inherited = levels_.empty() ? text_ : levels_.back().text;
    result_.keys.push_back(
        {path_of(key), free_map ? std::string() : std::string(value), text_.empty() ? inherited : text_});
  }

  std::string path_of(std::string_view key) const {
    std::string path;
    for (const auto& above : levels_) path += above.name + ".";
    return path + std::string(key);
  }

  reference result_;
  std::vector<level> levels_;
  std::string text_;
  bool fresh_ = true;  // after an empty line
  bool key_was_last_ = false;
  bool command_was_last_ = false;
  bool scanner_seen_ = false;
  bool other_scanner_ = false;
};

std::string wrapped(std::string_view text, std::string_view indent) {
  std::string result, line(indent);
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (line.size() > indent.size() && line.size() + 1 + word.size() > max_width) {
      result += line + "\n";
      line = indent;
    }
    line += (line.size() > indent.size() ? " " : "") + std::string(word);
  }
  return line.size() > indent.size() ? result + line + "\n" : result;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    lines.push_back(line);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return lines;
}

}  // namespace

reference read_reference(std::string_view yaml) {
  reader reading;
  for (const auto line : lines_of(yaml)) reading.take(line);
  return std::move(reading).result();
}

std::string to_text(const reference& reference) {
  std::string text;
  for (const auto line : lines_of(reference.introduction))
    text += wrapped(line, "") + (line.empty() ? "\n" : "");
  for (const auto& key : reference.keys)
    text += fmt::format("{}{}{}\n{}\n", key.path, key.value.empty() ? "" : ": ", key.value,
                        wrapped(key.text, "    "));
  return text;
}

std::string to_manual_page(const reference& reference, std::string_view version) {
  auto page = fmt::format(
      ".TH SCANHOST.YAML 5 \"\" \"scanhost {}\" \"File formats\"\n.SH NAME\nscanhost.yaml \\- the configuration of scanhost\n.SH DESCRIPTION\n",
      base::troff_line(version));
  std::string_view introduction = reference.introduction;
  while (introduction.ends_with('\n')) introduction.remove_suffix(1);
  for (const auto line : lines_of(introduction))
    page += line.empty() ? ".PP\n" : base::troff_line(line) + "\n.br\n";
  page += ".SH KEYS\n";
  for (const auto& key : reference.keys)
    page +=
        fmt::format(".TP\n\\fB{}\\fR{}{}\n{}\n", base::troff_line(key.path), key.value.empty() ? "" : ": ",
                    base::troff_line(key.value), base::troff_line(key.text));
  return page +
         ".SH SEE ALSO\n\\fBscanhost\\fR(1), \\fBscanhost reference\\fR, \\fBscanhost check\\-config\\fR \\fIFILE\\fR, \\fBscanhost plugin describe\\fR \\fINAME\\fR (the options of a plugin)\n";
}

}  // namespace scanhost::config
