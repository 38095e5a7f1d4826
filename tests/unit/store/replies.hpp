// SPDX-License-Identifier: Apache-2.0
//
// Reply nodes from a short notation, for tests of the pure parts.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "scanhost/types.h"

namespace scanhost::store {

// A tree of replies that owns its texts: a number, a text, or a list. It must not be moved once it is used.
// Braces around a single tree may be a copy of it (compilers differ): a list of one is made by list_of.
class reply_tree {
 public:
  reply_tree(int number) { node_.kind = SCANHOST_REPLY_INTEGER, node_.integer = number; }
  reply_tree(const char* text) : reply_tree(std::string(text)) {}
  reply_tree(std::string text) : text_(std::move(text)) { node_.kind = SCANHOST_REPLY_STRING; }
  reply_tree(std::initializer_list<reply_tree> list) : list_(list) { node_.kind = SCANHOST_REPLY_ARRAY; }
  static reply_tree list_of(std::vector<reply_tree> list) {
    reply_tree tree(0);
    tree.node_.kind = SCANHOST_REPLY_ARRAY;
    tree.list_ = std::move(list);
    return tree;
  }
  static reply_tree nothing() {
    reply_tree tree(0);
    tree.node_.kind = SCANHOST_REPLY_NIL;
    return tree;
  }
  static reply_tree error(std::string text) {
    reply_tree tree(std::move(text));
    tree.node_.kind = SCANHOST_REPLY_ERROR;
    return tree;
  }

  // As long as the tree.
  const scanhost_reply& get() {
    node_.text = {text_.data(), text_.size()};
    elements_.clear();
    for (auto& element : list_) elements_.push_back(element.get());
    node_.elements = elements_.data();
    node_.element_count = elements_.size();
    return node_;
  }

 private:
  scanhost_reply node_{};
  std::string text_;
  std::vector<reply_tree> list_;
  std::vector<scanhost_reply> elements_;
};

}  // namespace scanhost::store
