// SPDX-License-Identifier: Apache-2.0
//
// Commands of the plugin ABI from words, for tests of the store.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "scanhost/store.h"

namespace scanhost::store {

inline std::string_view text_of(const scanhost_string& text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

inline scanhost_string string_of(std::string_view text) { return {text.data(), text.size()}; }

// A batch of commands that owns its words.
class command_list {
 public:
  command_list() = default;
  command_list(std::initializer_list<std::vector<std::string>> commands) {
    for (const auto& words : commands) add(words);
  }

  void add(std::vector<std::string> words) { words_.push_back(std::move(words)); }
  std::size_t size() const { return words_.size(); }

  // Valid until the list changes or this is called again.
  const scanhost_command* data() {
    strings_.clear();
    commands_.clear();
    for (const auto& words : words_) {
      auto& strings = strings_.emplace_back();
      for (const auto& word : words) strings.push_back(string_of(word));
    }
    for (const auto& strings : strings_) {
      commands_.push_back(
          {sizeof(scanhost_command), 0, strings.data(), strings.size(), {}, {}, 0, nullptr, 0, 0});
    }
    return commands_.data();
  }

 private:
  std::vector<std::vector<std::string>> words_;
  std::vector<std::vector<scanhost_string>> strings_;
  std::vector<scanhost_command> commands_;
};

// A reply of a single node; `text` must outlive it.
inline scanhost_reply reply_with(std::int32_t kind, std::string_view text) {
  scanhost_reply reply{};
  reply.kind = kind;
  reply.text = string_of(text);
  return reply;
}

}  // namespace scanhost::store
