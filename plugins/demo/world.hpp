// SPDX-License-Identifier: Apache-2.0
//
// What the store holds of one record: its keys, and its entries in indexes that it shares with other records.
// The same form describes what is written first and what must be there in the end; in the latter a text may
// be a moment of the run instead of a constant.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace scanhost::demo {

constexpr std::int64_t hour = 3'600'000, day = 24 * hour;  // ms

// A value in the store: exactly this text, or the moment (ms) at which the record was changed.
struct text {
  std::string exact;
  std::optional<unsigned> step;  // a moment; all moments of one step are the same point in time
  std::int64_t plus = 0;         // ms added to the moment

  text() = default;
  text(std::string value) : exact(std::move(value)) {}
  text(std::string_view value) : exact(value) {}
  text(const char* value) : exact(value) {}
  text(std::int64_t value) : exact(std::to_string(value)) {}
  text(int value) : exact(std::to_string(value)) {}
};

// The moment of a step; a record that is changed by several calls has one step for each.
text moment(unsigned step = 0, std::int64_t plus = 0);

using fields = std::vector<std::pair<std::string, text>>;

enum class data_type { string, hash, set, sorted_set, stream };

// A key of the record's own, or its member of an index that it shares.
struct location {
  std::string key;
  std::string member;  // empty: the whole key

  friend bool operator<(const location& left, const location& right) {
    return std::tie(left.key, left.member) < std::tie(right.key, right.member);
  }
};

// What is there.
struct content {
  data_type type = data_type::hash;
  // The fields of a hash, the members of a set (with empty texts) or of a sorted set (with their scores), or
  // a string (under no name). Of an index the one member.
  std::map<std::string, text, std::less<>> items;
  std::vector<fields> entries;  // of a stream
  std::int64_t ttl = 0;         // of a string, ms; 0: none. Written, but not checked.
};

class world {
 public:
  // Fields of a hash.
  void set(const std::string& key, std::string field, text value);
  void set(const std::string& key, const fields& values);
  void set_each(const std::string& key, const text& value, std::initializer_list<const char*> names);
  void drop_field(const std::string& key, std::string_view field);

  // Whole keys. As in the store, a collection that is empty is no key.
  void put_string(const std::string& key, text value, std::int64_t ttl = 0);
  void put_set(const std::string& key, const std::vector<std::string>& members);
  void put_sorted_set(const std::string& key, const fields& scores);
  void append(const std::string& key, fields entry);  // to a stream
  void drop(const std::string& key) { contents_.erase({key, {}}); }

  // Entries in shared indexes.
  void enter(const std::string& index, const std::string& member, text score);  // a sorted set
  void join(const std::string& index, const std::string& member);               // a set
  void leave(const std::string& index, const std::string& member) { contents_.erase({index, member}); }

  // A field of a hash, or a string (under no name); empty where there is none.
  std::string get(const std::string& key, std::string_view field = {}) const;
  bool has(const std::string& key) const { return contents_.contains({key, {}}); }
  const std::map<location, content>& contents() const noexcept { return contents_; }

 private:
  void put(location at, content value);

  std::map<location, content> contents_;
};

}  // namespace scanhost::demo
