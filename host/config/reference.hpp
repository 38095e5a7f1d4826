// SPDX-License-Identifier: Apache-2.0
//
// The reference of the YAML file, made from the shipped config/scanhost.yaml, which explains every key and is
// built into the host: `scanhost reference`, and the manual page scanhost.yaml(5). A test compares its keys
// with those that the host reads. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded_file.hpp"

namespace scanhost::config {

// The files of config/. Generated at build time.
std::span<const base::embedded_file> shipped_files() noexcept;

struct key_reference {
  std::string path;   // "store.url", "scanners.NAME.budget.calls"
  std::string value;  // its default, or an example; empty: a map of names that the operator chooses
  std::string text;   // what it means, in one paragraph
};

struct reference {
  std::string introduction;  // of the whole file: paragraphs, with empty lines between them
  std::vector<key_reference> keys;
};

// From the text of a file in which comments explain the keys below them, and "# key: value" is a key that is
// not set. Of several scanners the first one counts; the options of plugins are left out.
reference read_reference(std::string_view yaml);

// For a terminal: lines of at most 100 characters.
std::string to_text(const reference& reference);

// For man(1).
std::string to_manual_page(const reference& reference, std::string_view version);

}  // namespace scanhost::config
