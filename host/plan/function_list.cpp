// SPDX-License-Identifier: Apache-2.0
#include "plan/function_list.hpp"

#include <string_view>
#include <utility>

namespace scanhost::plan {
namespace {

std::string_view text_of(const scanhost_reply& node) {
  return node.text.size == 0 ? std::string_view() : std::string_view(node.text.data, node.text.size);
}

// The value of a field in a flat list of names and values; null: there is none.
const scanhost_reply* field(const scanhost_reply& flat, std::string_view name) {
  for (std::size_t i = 0; i + 1 < flat.element_count; i += 2)
    if (text_of(flat.elements[i]) == name) return &flat.elements[i + 1];
  return nullptr;
}

}  // namespace

std::vector<listed_library> libraries_of(const scanhost_reply& list) {
  std::vector<listed_library> found;
  for (std::size_t i = 0; i < list.element_count; ++i) {
    const auto& entry = list.elements[i];
    const auto* name = field(entry, "library_name");
    if (name == nullptr) continue;
    listed_library library{std::string(text_of(*name)), {}, {}};
    if (const auto* code = field(entry, "library_code")) library.code = text_of(*code);
    const auto* functions = field(entry, "functions");
    for (std::size_t k = 0; functions != nullptr && k < functions->element_count; ++k)
      if (const auto* function = field(functions->elements[k], "name"))
        library.functions.emplace(text_of(*function));
    found.push_back(std::move(library));
  }
  return found;
}

}  // namespace scanhost::plan
