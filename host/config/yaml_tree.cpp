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

#include "base/utf8.hpp"
#include "config/quantity.hpp"

namespace scanhost::config {
namespace {

constexpr const char* merge_key = "<<";

// Aliases share the node of their anchor and are never expanded, so a few lines cannot become a tree of
// billions of nodes. The parser itself limits the depth.
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
    place(found->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    auto scalar = make(node_kind::scalar, mark);
    scalar->text = value;
    scalar->quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    place(anchored(std::move(scalar), anchor), mark.line + 1);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open_.push_back({make(node_kind::list, mark), anchor, {}});
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open_.push_back({make(node_kind::map, mark), anchor, {}});
  }
  void OnMapEnd() override { close(); }

 private:
  struct frame {
    std::shared_ptr<node> container;
    YAML::anchor_t anchor;
    std::optional<map_entry> key;  // of a map: seen, waiting for its value
    std::vector<map_entry> merged{};
  };

  static std::shared_ptr<node> make(node_kind kind, const YAML::Mark& mark) {
    auto new_node = std::make_shared<node>();
    new_node->kind = kind;
    new_node->line = mark.line + 1;
    return new_node;
  }

  std::shared_ptr<node> anchored(std::shared_ptr<node> finished_node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = finished_node;
    return finished_node;
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag == "?" || tag == "!" || tag.empty() || tag.starts_with("tag:yaml.org,2002:")) return;
    diagnostics_.problem(mark.line + 1, fmt::format("tags have no meaning here; remove {}", in_quotes(tag)));
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
    entry.value = value->kind == node_kind::null ? nothing_at(entry.line) : std::move(value);
    if (entry.key == merge_key) return take_merge(around, entry);
    if (const auto* first = around.container->find(entry.key)) {
      diagnostics_.problem(entry.line, fmt::format("duplicate key {}, already on line {}; remove one of them",
                                                   in_quotes(entry.key), first->line));
      return;
    }
    around.container->entries.push_back(std::move(entry));
  }

  // The parser reports an absent value at the line of the next token; people look for it at its key.
  static node_ptr nothing_at(int line) {
    auto new_node = std::make_shared<node>();
    new_node->line = line;
    return new_node;
  }

  void take_merge(frame& around, const map_entry& entry) {
    std::vector<node_ptr> sources{entry.value};
    if (entry.value->kind == node_kind::list) sources = entry.value->items;
    for (const auto& source : sources) {
      if (source->kind != node_kind::map) {
        diagnostics_.problem(
            entry.line, fmt::format("'<<': expected a map or a list of maps, found {}", name_of(*source)));
        continue;
      }
      around.merged.insert(around.merged.end(), source->entries.begin(), source->entries.end());
    }
  }

  void close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    // The map's own entries win over merged ones, wherever '<<' is.
    for (const auto& entry : done.merged)
      if (done.container->find(entry.key) == nullptr) done.container->entries.push_back(entry);
    place(anchored(std::move(done.container), done.anchor));
  }

  diagnostics& diagnostics_;
  std::vector<frame> open_;
  std::map<YAML::anchor_t, node_ptr> anchors_;
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
  } catch (const YAML::Exception& problem) {
    const int line = problem.mark.is_null() ? 1 : problem.mark.line + 1;
    diagnostics.problem(
        line,
        fmt::format(
            "this is not YAML: {} (column {}); indent with spaces, and put texts with special characters in quotes",
            problem.msg, problem.mark.column + 1));
    return nullptr;
  }
}

}  // namespace scanhost::config
