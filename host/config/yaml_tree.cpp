// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "base/escaped.hpp"
#include "base/utf8.hpp"
#include "config/quantity.hpp"

namespace scanhost::config {
namespace {

constexpr const char* merge_key = "<<";
constexpr std::string_view standard_tag = "tag:yaml.org,2002:";

// Ends the parsing: what follows would be too much as well.
struct limit_exceeded {
  int line = 0;
  std::string message;
};

// "str" for !!str; empty: no standard tag.
std::string_view standard_name(std::string_view tag) {
  return tag.starts_with(standard_tag) ? tag.substr(standard_tag.size()) : std::string_view();
}

std::string shown_tag(const std::string& tag) {
  const auto name = standard_name(tag);
  return in_quotes(name.empty() ? tag : fmt::format("!!{}", name));
}

bool is_null_text(std::string_view text) { return text.empty() || text == "~" || text == "null"; }

// Nothing: the tag has no meaning for a single value.
std::optional<bool> fits(std::string_view tag_name, const std::string& text) {
  if (tag_name == "str") return true;
  if (tag_name == "int") return parse_integer(text).has_value();
  if (tag_name == "float") return parse_real(text).has_value();
  if (tag_name == "bool") return text == "true" || text == "false";
  if (tag_name == "null") return is_null_text(text);
  return std::nullopt;
}

bool no_tag(const std::string& tag) { return tag.empty() || tag == "?" || tag == "!"; }

// Aliases share the node of their anchor and are never expanded.
class tree_builder : public YAML::EventHandler {
 public:
  explicit tree_builder(diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  node_ptr root() const { return root_; }
  int document_line() const noexcept { return document_line_; }

  void OnDocumentStart(const YAML::Mark& mark) override { document_line_ = mark.line + 1; }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    place(anchored(make(node_kind::null, mark), anchor));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    const int line = mark.line + 1;
    if (found == anchors_.end()) {  // an anchor is known once its node is complete
      diagnostics_.problem(line, "this alias is inside the value that it refers to; write the value out");
      return place(make(node_kind::null, mark));
    }
    count(line, found->second.values);
    place(found->second.value);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_scalar_tag(mark, tag, value);
    auto scalar = make(standard_name(tag) == "null" ? node_kind::null : node_kind::scalar, mark);
    scalar->text = value;
    scalar->quoted = tag == "!" || standard_name(tag) == "str";
    place(anchored(std::move(scalar), anchor), mark.line + 1);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag, "seq");
    open(node_kind::list, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag, "map");
    open(node_kind::map, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct frame {
    std::shared_ptr<node> container;
    YAML::anchor_t anchor;
    std::size_t values_before = 0;
    std::optional<map_entry> key{};  // of a map: seen, waiting for its value
    std::vector<map_entry> merged{};
    int merge_line = 0;  // 0: none so far
  };

  struct anchored_value {
    node_ptr value;
    std::size_t values = 0;
  };

  void count(int line, std::size_t values) {
    values_ += values;
    if (values_ > max_yaml_values)
      throw limit_exceeded{
          line,
          fmt::format(
              "the file has more than {} values, those that aliases and '<<' repeat included; is it a configuration file?",
              max_yaml_values)};
  }

  void open(node_kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() == max_yaml_depth)
      throw limit_exceeded{
          mark.line + 1,
          fmt::format("lists and maps are nested deeper than {} levels; is it a configuration file?",
                      max_yaml_depth)};
    const auto values_before = values_;
    open_.push_back({make(kind, mark), anchor, values_before});
  }

  std::shared_ptr<node> make(node_kind kind, const YAML::Mark& mark) {
    count(mark.line + 1, 1);
    auto new_node = std::make_shared<node>();
    new_node->kind = kind;
    new_node->line = mark.line + 1;
    return new_node;
  }

  std::shared_ptr<node> anchored(std::shared_ptr<node> finished_node, YAML::anchor_t anchor,
                                 std::size_t values = 1) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {finished_node, values};
    return finished_node;
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    diagnostics_.problem(mark.line + 1, fmt::format("tags have no meaning here; remove {}", shown_tag(tag)));
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag, std::string_view fitting) {
    if (!no_tag(tag) && standard_name(tag) != fitting) refuse_tag(mark, tag);
  }

  void check_scalar_tag(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
    if (no_tag(tag)) return;
    const auto fitting = fits(standard_name(tag), text);
    if (!fitting) return refuse_tag(mark, tag);
    if (!*fitting)
      diagnostics_.problem(mark.line + 1, fmt::format("the tag {} does not fit the value {}; remove it",
                                                      shown_tag(tag), in_quotes(text)));
  }

  // Puts a complete node into the container around it.
  void place(node_ptr finished_node, int line = 0) {
    if (open_.empty()) {
      root_ = std::move(finished_node);
      return;
    }
    auto& around = open_.back();
    if (around.container->kind == node_kind::list)
      around.container->items.push_back(std::move(finished_node));
    else if (!around.key)
      take_key(around, *finished_node, line != 0 ? line : finished_node->line);
    else
      take_value(around, std::move(finished_node));
  }

  void take_key(frame& around, const node& key, int line) {
    if (key.kind != node_kind::scalar)
      diagnostics_.problem(line, fmt::format("expected a text as the key, found {}", name_of(key)));
    around.key = map_entry{key.kind == node_kind::scalar ? key.text : std::string(), line, nullptr};
  }

  void take_value(frame& around, node_ptr value) {
    auto entry = *std::exchange(around.key, std::nullopt);
    if (around.container->entries.size() == max_yaml_keys) refuse_keys(entry.line);
    entry.value = value->kind == node_kind::null ? nothing_at(entry.line) : std::move(value);
    if (entry.key == merge_key) return take_merge(around, entry);
    if (const auto* first = around.container->find(entry.key)) {
      diagnostics_.problem(entry.line, fmt::format("duplicate key {}, already on line {}; remove one of them",
                                                   in_quotes(entry.key), first->line));
      return;
    }
    around.container->entries.push_back(std::move(entry));
  }

  [[noreturn]] static void refuse_keys(int line) {
    throw limit_exceeded{
        line, fmt::format("a map has more than {} keys; is it a configuration file?", max_yaml_keys)};
  }

  // The parser reports an absent value at the line of the next token; people look for it at its key.
  static node_ptr nothing_at(int line) {
    auto new_node = std::make_shared<node>();
    new_node->line = line;
    return new_node;
  }

  void take_merge(frame& around, const map_entry& entry) {
    if (around.merge_line != 0)
      diagnostics_.problem(
          entry.line,
          fmt::format("duplicate key '<<', already on line {}; write one list of maps, as in <<: [*a, *b]",
                      around.merge_line));
    around.merge_line = entry.line;
    std::vector<node_ptr> sources{entry.value};
    if (entry.value->kind == node_kind::list) sources = entry.value->items;
    for (const auto& source : sources) {
      if (source->kind != node_kind::map) {
        diagnostics_.problem(
            entry.line, fmt::format("'<<': expected a map or a list of maps, found {}", name_of(*source)));
        continue;
      }
      count(entry.line, source->entries.size());
      around.merged.insert(around.merged.end(), source->entries.begin(), source->entries.end());
    }
  }

  void close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    // The map's own entries win over merged ones, wherever '<<' is.
    for (const auto& entry : done.merged) {
      if (done.container->find(entry.key) != nullptr) continue;
      if (done.container->entries.size() == max_yaml_keys) refuse_keys(done.merge_line);
      done.container->entries.push_back(entry);
    }
    place(anchored(std::move(done.container), done.anchor, values_ - done.values_before));
  }

  diagnostics& diagnostics_;
  std::vector<frame> open_;
  std::map<YAML::anchor_t, anchored_value> anchors_;
  std::size_t values_ = 0;
  node_ptr root_;
  int document_line_ = 1;
};

int line_at(const std::string& text, std::size_t offset) {
  const auto before = std::string_view(text).substr(0, offset);
  return 1 + static_cast<int>(std::ranges::count(before, '\n'));
}

// Bytes that would make the parser stop early or guess.
bool readable(const std::string& text, diagnostics& diagnostics) {
  if (const auto at = base::first_not_utf8(text); at != text.size()) {
    diagnostics.problem(line_at(text, at), "the text is not UTF-8; save the file as UTF-8");
    return false;
  }
  if (const auto at = text.find('\0'); at != std::string::npos) {
    diagnostics.problem(line_at(text, at), "the text contains a NUL byte; is this a YAML file?");
    return false;
  }
  return true;
}

}  // namespace

std::string name_of(const node& value) {
  switch (value.kind) {
    case node_kind::null:
      return "nothing";
    case node_kind::scalar:
      return "a single value";
    case node_kind::list:
      return "a list";
    case node_kind::map:
      return "a map";
  }
  return "nothing";
}

node_ptr parse_yaml(const std::string& text, diagnostics& diagnostics) {
  if (!readable(text, diagnostics)) return nullptr;
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    tree_builder first(diagnostics);
    if (!parser.HandleNextDocument(first)) return nullptr;
    config::diagnostics ignored;
    tree_builder second(ignored);
    if (parser.HandleNextDocument(second))
      diagnostics.problem(second.document_line(),
                          "a second YAML document begins here; put everything into the first");
    return first.root();
  } catch (const limit_exceeded& limit) {
    diagnostics.problem(limit.line, limit.message);
    return nullptr;
  } catch (const YAML::Exception& problem) {
    const int line = problem.mark.is_null() ? 1 : problem.mark.line + 1;
    diagnostics.problem(
        line,
        fmt::format(
            "this is not YAML: {} (column {}); indent with spaces, and put texts with special characters in quotes",
            base::escaped(problem.msg), problem.mark.column + 1));
    return nullptr;
  }
}

}  // namespace scanhost::config
