// SPDX-License-Identifier: Apache-2.0
//
// Reads the fields of one YAML map with their types and bounds. Whatever is wrong becomes a problem, and the
// field keeps its value.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/bounds.hpp"
#include "config/diagnostics.hpp"
#include "config/yaml_tree.hpp"

namespace scanhost::config {

// Single values. Each returns false, with a problem, when the node is not of that type or out of bounds.
// `path` names the field in messages: "store.connect_timeout".
bool read_text(const node& from, const std::string& path, std::string& to, diagnostics& diagnostics);
// Texts that go to the system must not have a NUL byte.
bool without_nul(const node& from, const std::string& path, const std::string& value,
                 diagnostics& diagnostics);
bool read_flag(const node& from, const std::string& path, bool& to, diagnostics& diagnostics);
bool read_texts(const node& from, const std::string& path, std::vector<std::string>& to,
                diagnostics& diagnostics);

enum class measure { integer, duration, latency, size };
// `range` null: any value of that type.
bool read_number(const node& from, const std::string& path, measure unit, const bounds* range,
                 std::int64_t& to, diagnostics& diagnostics);

class fields {
 public:
  // `from` may be null: every field keeps its value. Keys that are not in `known` are problems.
  fields(const node* from, std::string path, std::vector<std::string> known, diagnostics& diagnostics);

  const map_entry* find(std::string_view key) const noexcept;
  std::string path(std::string_view key) const;
  int line(std::string_view key) const noexcept;  // of a key that is present

  bool text(std::string_view key, std::string& to) const;  // refuses NUL: these texts go to the system
  bool texts(std::string_view key, std::vector<std::string>& to) const;
  bool text_or_texts(std::string_view key, std::vector<std::string>& to) const;
  bool flag(std::string_view key, bool& to) const;
  // A flag, or `word`, which sets `is_word` and leaves `to` alone.
  bool flag_or(std::string_view key, std::string_view word, bool& to, bool& is_word) const;
  bool duration(std::string_view key, bounds range, base::milliseconds& to) const;
  bool latency(std::string_view key, bounds range, std::chrono::microseconds& to) const;
  bool size(std::string_view key, bounds range, std::int64_t& to) const;  // in bytes

  template <class Integer>
  bool integer(std::string_view key, bounds range, Integer& to) const {
    std::int64_t value = 0;
    const auto* entry = find(key);
    if (entry == nullptr ||
        !read_number(*entry->value, path(key), measure::integer, &range, value, diagnostics_))
      return false;
    to = static_cast<Integer>(value);
    return true;
  }

 private:
  bool without_nul(const map_entry& entry, std::string_view key, const std::string& value) const;

  const node* from_;
  std::string path_;
  diagnostics& diagnostics_;
};

// A path in the file; relative ones are below `folder`.
std::filesystem::path below(const std::filesystem::path& folder, const std::string& written);

// The map of a section. Null: it is absent or empty, or, with a problem, not a map.
const node* section(const map_entry* entry, const std::string& path, diagnostics& diagnostics);

}  // namespace scanhost::config
