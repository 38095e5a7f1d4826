// SPDX-License-Identifier: Apache-2.0
//
// A YAML text as a tree that knows its lines. The library's own tree accepts duplicate keys and forgets
// what was quoted, so this one is built from the parser's events.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/findings.hpp"

namespace scanhost::config {

struct node;
using node_ptr = std::shared_ptr<const node>;  // shared: an alias is its anchor's node

struct map_entry {
  std::string key;
  int line = 0;
  node_ptr value;
};

struct node {
  enum class kind { null, scalar, list, map };
  kind what = kind::null;
  int line = 0;
  std::string text;     // scalar
  bool quoted = false;  // scalar
  std::vector<node_ptr> items;
  std::vector<map_entry> entries;  // each key once, merge keys resolved

  const map_entry* find(std::string_view key) const noexcept {
    for (const auto& entry : entries)
      if (entry.key == key) return &entry;
    return nullptr;
  }
};

// "a list", for messages.
std::string name_of(const node& value);

// The one document of a text; null when there is none or it cannot be read, with the reason in `errors`.
node_ptr parse_yaml(const std::string& text, findings& errors);

}  // namespace scanhost::config
