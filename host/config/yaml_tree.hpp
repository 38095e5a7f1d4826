// SPDX-License-Identifier: Apache-2.0
//
// A YAML text as a tree that knows its lines. Built from the parser's events, since yaml-cpp's own tree
// silently accepts duplicate keys.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.hpp"

namespace scanhost::config {

struct node;
using node_ptr = std::shared_ptr<const node>;  // shared: an alias is the node of its anchor

struct map_entry {
  std::string key;
  int line = 0;
  node_ptr value;
};

enum class node_kind { null, scalar, list, map };

struct node {
  node_kind kind = node_kind::null;
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

// More than any configuration needs, and few enough for every reader to be quick. An alias counts as all the
// values that it stands for, and so does a merge.
inline constexpr std::size_t max_yaml_depth = 32;
inline constexpr std::size_t max_yaml_values = 100'000;
inline constexpr std::size_t max_yaml_keys = 1'000;  // of one map

// The only document of a text. Of the tags only those are taken that say what a value is anyway (!!str, and
// !!int, !!float, !!bool, !!null, !!map, !!seq where they fit). Null: there is none, or it cannot be read and
// `diagnostics` says why.
node_ptr parse_yaml(const std::string& text, diagnostics& diagnostics);

}  // namespace scanhost::config
