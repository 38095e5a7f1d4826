// SPDX-License-Identifier: Apache-2.0
//
// Reading the fields of one YAML map with their types and bounds. Whatever is wrong goes to the findings,
// and the field keeps the value that it has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/findings.hpp"
#include "config/yaml_tree.hpp"

namespace scanhost::config {

// The least and the greatest value that a field takes.
struct bounds {
  std::int64_t least = 0;
  std::int64_t greatest = 0;
};

// Single values. Each returns false when the node is not of that type or out of bounds, and says so.
// `path` names the field in messages: "store.connect_timeout".
bool read_text(const node& from, const std::string& path, std::string& to, findings& findings);
bool read_flag(const node& from, const std::string& path, bool& to, findings& findings);
bool read_texts(const node& from, const std::string& path, std::vector<std::string>& to, findings& findings);

enum class measure { integer, duration, size };
// `within` null: any value of that type.
bool read_number(const node& from, const std::string& path, measure how, const bounds* within,
                 std::int64_t& to, findings& findings);

class fields {
 public:
  // `from` may be null (then every field keeps its value). Says which keys are none of `known`.
  fields(const node* from, std::string path, std::vector<std::string> known, findings& findings);

  const map_entry* find(std::string_view key) const noexcept;
  std::string path(std::string_view key) const;
  int line(std::string_view key) const noexcept;  // of a key that is there

  bool text(std::string_view key, std::string& to) const;  // without NUL: host settings go to the system
  bool texts(std::string_view key, std::vector<std::string>& to) const;
  bool text_or_texts(std::string_view key, std::vector<std::string>& to) const;
  bool flag(std::string_view key, bool& to) const;
  bool duration(std::string_view key, bounds within, base::milliseconds& to) const;

  template <class Integer>
  bool integer(std::string_view key, bounds within, Integer& to) const {
    std::int64_t value = 0;
    const auto* entry = find(key);
    if (entry == nullptr ||
        !read_number(*entry->value, path(key), measure::integer, &within, value, findings_))
      return false;
    to = static_cast<Integer>(value);
    return true;
  }

 private:
  bool without_nul(const map_entry& entry, std::string_view key, const std::string& value) const;

  const node* from_;
  std::string path_;
  findings& findings_;
};

// The map of a section; null when it is absent or empty, or, with a problem, when it is no map.
const node* section(const map_entry* entry, const std::string& path, findings& findings);

}  // namespace scanhost::config
