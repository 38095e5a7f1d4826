// SPDX-License-Identifier: Apache-2.0
//
// What the store holds of one record: its keys, and its places in indexes that it shares with
// others. The same form says what is written at first and what must be there at the end; in the
// latter a text may be a moment of the run instead of a constant.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace scanhost::demo {

// A value in the store: exactly this, or the moment (ms) at which the record was changed.
struct text {
  std::string exact;
  std::optional<unsigned> step;  // a moment; all moments of one step are the same one
  std::int64_t plus = 0;         // what is added to the moment

  text() = default;
  text(std::string value) : exact(std::move(value)) {}
  text(std::string_view value) : exact(value) {}
  text(const char* value) : exact(value) {}
  text(std::int64_t value) : exact(std::to_string(value)) {}
  text(int value) : exact(std::to_string(value)) {}

  friend bool operator==(const text&, const text&) = default;
};

// The moment of step `step`; a record changed by several calls has one step for each.
text moment(unsigned step = 0, std::int64_t plus = 0);

using fields = std::vector<std::pair<std::string, text>>;

struct plain {
  text value;
};
struct hash {
  std::map<std::string, text, std::less<>> value;
};
struct members {
  std::vector<std::string> value;
};
struct scored {
  std::vector<std::pair<std::string, text>> value;
};
struct stream {
  std::vector<fields> value;
};
struct expiring {  // a string with a time to live, ms; only its value is checked
  text value;
  std::int64_t ttl = 0;
};
using value = std::variant<plain, hash, members, scored, stream, expiring>;

// One place in a shared index: a sorted set when it has a score, else a set.
struct place {
  std::string index;
  std::string member;
  std::optional<text> score;
};

class world {
 public:
  void set(const std::string& key, std::string field, text content);
  void set(const std::string& key, const fields& contents);
  void drop_field(const std::string& key, std::string_view field);
  void put(const std::string& key, value content);
  void append(const std::string& key, fields entry);  // to a stream
  void drop(const std::string& key);
  void enter(std::string index, std::string member, text score);  // a sorted set
  void join(std::string index, std::string member);               // a set
  void leave(std::string_view index, std::string_view member);

  // The exact text of a hash's field; empty where there is none.
  std::string get(const std::string& key, std::string_view field) const;
  bool has(const std::string& key) const { return keys_.contains(key); }

  const std::map<std::string, value>& keys() const noexcept { return keys_; }
  const std::vector<place>& places() const noexcept { return places_; }

 private:
  std::map<std::string, value> keys_;
  std::vector<place> places_;
};

}  // namespace scanhost::demo
