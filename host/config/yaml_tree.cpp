// SPDX-License-Identifier: Apache-2.0
//
// Aliases share their anchor's node and are never expanded, so a text of a few lines cannot become a tree
// of billions; the parser itself bounds the depth.
#include "config/yaml_tree.hpp"

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

class tree_builder : public YAML::EventHandler {
 public:
  explicit tree_builder(findings& findings) : findings_(findings) {}

  node_ptr root() const { return root_; }
  int document_line() const noexcept { return document_line_; }

  void OnDocumentStart(const YAML::Mark& mark) override { document_line_ = mark.line + 1; }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    place(anchored(make(node::kind::null, mark), anchor));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    const int line = mark.line + 1;
    if (found == anchors_.end()) {  // known when it is complete, so this one is still open
      findings_.problem(line, "an alias stands inside the value that it means; write the value out");
      return place(make(node::kind::null, mark));
    }
    place(found->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    auto scalar = make(node::kind::scalar, mark);
    scalar->text = value;
    scalar->quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    place(anchored(std::move(scalar), anchor), mark.line + 1);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open_.push_back({make(node::kind::list, mark), anchor, {}});
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open_.push_back({make(node::kind::map, mark), anchor, {}});
  }
  void OnMapEnd() override { close(); }

 private:
  struct frame {
    std::shared_ptr<node> container;
    YAML::anchor_t anchor;
    std::optional<map_entry> key;  // of a map: seen, waiting for its value
    std::vector<map_entry> merged{};
  };

  static std::shared_ptr<node> make(node::kind what, const YAML::Mark& mark) {
    auto new_node = std::make_shared<node>();
    new_node->what = what;
    new_node->line = mark.line + 1;
    return new_node;
  }

  std::shared_ptr<node> anchored(std::shared_ptr<node> finished_node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = finished_node;
    return finished_node;
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag == "?" || tag == "!" || tag.empty() || tag.starts_with("tag:yaml.org,2002:")) return;
    findings_.problem(mark.line + 1, "tags such as " + in_quotes(tag) + " have no meaning here; remove it");
  }

  // A finished node takes its place in the container around it.
  void place(node_ptr finished_node, int line = 0) {
    if (open_.empty()) {
      root_ = std::move(finished_node);
      return;
    }
    auto& around = open_.back();
    if (around.container->what == node::kind::list)
      around.container->items.push_back(std::move(finished_node));
    else if (!around.key)
      take_key(around, *finished_node, line != 0 ? line : finished_node->line);
    else
      take_value(around, std::move(finished_node));
  }

  void take_key(frame& around, const node& key, int line) {
    if (key.what != node::kind::scalar)
      findings_.problem(line, "a key must be a text, and here it is " + name_of(key));
    around.key = map_entry{key.what == node::kind::scalar ? key.text : std::string(), line, nullptr};
  }

  void take_value(frame& around, node_ptr value) {
    auto entry = *std::exchange(around.key, std::nullopt);
    entry.value = value->what == node::kind::null ? nothing_at(entry.line) : std::move(value);
    if (entry.key == merge_key) return take_merge(around, entry);
    if (const auto* first = around.container->find(entry.key)) {
      findings_.problem(entry.line, "duplicate key " + in_quotes(entry.key) + "; it stands at line " +
                                        std::to_string(first->line) + " already; remove one of them");
      return;
    }
    around.container->entries.push_back(std::move(entry));
  }

  // The parser reports an absent value where the next one begins; people look for it at its key.
  static node_ptr nothing_at(int line) {
    auto new_node = std::make_shared<node>();
    new_node->line = line;
    return new_node;
  }

  void take_merge(frame& around, const map_entry& entry) {
    std::vector<node_ptr> sources{entry.value};
    if (entry.value->what == node::kind::list) sources = entry.value->items;
    for (const auto& source : sources) {
      if (source->what != node::kind::map) {
        findings_.problem(entry.line,
                          "'<<' merges a map, or a list of maps, and here is " + name_of(*source));
        continue;
      }
      around.merged.insert(around.merged.end(), source->entries.begin(), source->entries.end());
    }
  }

  void close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    // What stands in the map itself goes before what is merged in, wherever '<<' stands.
    for (const auto& entry : done.merged)
      if (done.container->find(entry.key) == nullptr) done.container->entries.push_back(entry);
    place(anchored(std::move(done.container), done.anchor));
  }

  findings& findings_;
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
bool readable(const std::string& text, findings& findings) {
  if (const auto at = base::first_not_utf8(text); at != text.size()) {
    findings.problem(line_at(text, at), "the text is not UTF-8; save the file as UTF-8");
    return false;
  }
  if (const auto at = text.find('\0'); at != std::string::npos) {
    findings.problem(line_at(text, at), "a NUL byte stands in the text; is this a YAML file?");
    return false;
  }
  return true;
}

}  // namespace

std::string name_of(const node& value) {
  switch (value.what) {
    case node::kind::null:
      return "nothing";
    case node::kind::scalar:
      return "a single value";
    case node::kind::list:
      return "a list";
    case node::kind::map:
      return "a map";
  }
  return "nothing";
}

node_ptr parse_yaml(const std::string& text, findings& errors) {
  if (!readable(text, errors)) return nullptr;
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    tree_builder first(errors);
    if (!parser.HandleNextDocument(first)) return nullptr;
    findings ignored;
    tree_builder second(ignored);
    if (parser.HandleNextDocument(second))
      errors.problem(second.document_line(), "a second YAML document begins here; put everything into one");
    return first.root();
  } catch (const YAML::Exception& problem) {
    const int line = problem.mark.is_null() ? 1 : problem.mark.line + 1;
    errors.problem(line, "this is not YAML: " + problem.msg + " (column " +
                             std::to_string(problem.mark.column + 1) +
                             "); indent with spaces, and put texts with special characters in quotes");
    return nullptr;
  }
}

}  // namespace scanhost::config
