// SPDX-License-Identifier: Apache-2.0
//
// What the keys of a memory_store hold, and how it compares and prints numbers: as a server does.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <compare>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace scanhost::inline v1_0::testing::stored {

using text = std::string;
using hash = std::map<std::string, std::string>;
using members = std::set<std::string>;
using list = std::deque<std::string>;

struct sorted_set {
  std::map<std::string, double> scores;
  std::set<std::pair<double, std::string>> order;

  // True: the member is new.
  bool put(const std::string& member, double score) {
    const bool is_new = !erase(member);
    scores.emplace(member, score);
    order.emplace(score, member);
    return is_new;
  }
  bool erase(const std::string& member) {
    const auto known = scores.find(member);
    if (known == scores.end()) return false;
    order.erase({known->second, member});
    scores.erase(known);
    return true;
  }
};

struct stream_id {
  std::uint64_t ms = 0;
  std::uint64_t sequence = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): it takes the 0 of the generated comparison for a pointer
  auto operator<=>(const stream_id&) const = default;
};

struct pending_entry {
  std::string consumer;
  std::int64_t delivered_ms = 0;
  std::int64_t deliveries = 0;
};

struct consumer_group {
  stream_id last;         // delivered
  std::int64_t read = 0;  // how many entries were delivered
  std::set<std::string> consumers;
  std::map<stream_id, pending_entry> pending;
};

struct stream {
  std::map<stream_id, std::vector<std::string>> entries;
  std::map<std::string, consumer_group> groups;
  stream_id last;
  std::int64_t added = 0;
};

using content = std::variant<text, hash, members, list, sorted_set, stream>;

// As TYPE names it.
inline std::string_view type_name(const content& held) {
  constexpr std::array<std::string_view, 6> names{"string", "hash", "set", "list", "zset", "stream"};
  return names[held.index()];
}

inline bool is_empty(const content& held) {
  struct looks {
    bool operator()(const text&) const { return false; }  // an empty string is a value
    bool operator()(const hash& fields) const { return fields.empty(); }
    bool operator()(const members& known) const { return known.empty(); }
    bool operator()(const list& elements) const { return elements.empty(); }
    bool operator()(const sorted_set& known) const { return known.scores.empty(); }
    bool operator()(const stream&) const { return false; }  // a stream stays when its entries go
  };
  return std::visit(looks{}, held);
}

inline std::optional<std::int64_t> integer_of(std::string_view digits) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size())
    return std::nullopt;
  return number;
}

inline std::optional<double> score_of(std::string_view digits) {
  if (digits == "inf" || digits == "+inf") return std::numeric_limits<double>::infinity();
  if (digits == "-inf") return -std::numeric_limits<double>::infinity();
  double number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size())
    return std::nullopt;
  return number;
}

// Whole numbers without a fraction, as a server writes scores.
inline std::string score_text(double score) {
  if (std::isinf(score)) return score > 0 ? "inf" : "-inf";
  std::array<char, 64> digits{};
  std::snprintf(digits.data(), digits.size(), "%.17g", score);
  return digits.data();
}

// An end of a range of scores: "5", "(5", "-inf".
struct score_bound {
  double score = 0;
  bool open = false;  // the score itself is outside
};
inline std::optional<score_bound> bound_of(std::string_view digits) {
  const bool open = digits.starts_with('(');
  const auto score = score_of(open ? digits.substr(1) : digits);
  if (!score) return std::nullopt;
  return score_bound{*score, open};
}

inline std::string id_text(const stream_id& id) {
  return std::to_string(id.ms) + "-" + std::to_string(id.sequence);
}

// "5-1", "5", "-", "+"; a missing sequence is `sequence`.
inline std::optional<stream_id> id_of(std::string_view digits, std::uint64_t sequence = 0) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  if (digits == "-") return stream_id{};
  if (digits == "+") return stream_id{most, most};
  const auto dash = digits.find('-');
  const auto ms = integer_of(digits.substr(0, dash));
  if (!ms || *ms < 0) return std::nullopt;
  if (dash == std::string_view::npos) return stream_id{static_cast<std::uint64_t>(*ms), sequence};
  const auto second = integer_of(digits.substr(dash + 1));
  if (!second || *second < 0) return std::nullopt;
  return stream_id{static_cast<std::uint64_t>(*ms), static_cast<std::uint64_t>(*second)};
}

// What is left of a pattern behind its class of characters ("[a-c]", "[^x]"), and whether the class has
// `byte`.
inline std::pair<std::string_view, bool> match_class(std::string_view pattern, char byte) {
  pattern.remove_prefix(1);
  const bool negated = pattern.starts_with('^');
  if (negated) pattern.remove_prefix(1);
  bool found = false;
  while (!pattern.empty() && pattern.front() != ']') {
    if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
    const bool is_range = pattern.size() > 2 && pattern[1] == '-' && pattern[2] != ']';
    const char last = is_range ? pattern[2] : pattern[0];
    found = found || (pattern[0] <= byte && byte <= last);
    pattern.remove_prefix(is_range ? 3 : 1);
  }
  if (!pattern.empty()) pattern.remove_prefix(1);
  return {pattern, found != negated};
}

// As the patterns of KEYS and MATCH: `*`, `?`, `[a-z]`, and `\` before a byte that stands for itself.
inline bool matches(std::string_view pattern, std::string_view candidate) {
  if (pattern.empty()) return candidate.empty();
  if (pattern.front() == '*')
    return matches(pattern.substr(1), candidate) ||
           (!candidate.empty() && matches(pattern, candidate.substr(1)));
  if (candidate.empty()) return false;
  if (pattern.front() == '[') {
    const auto [rest, has] = match_class(pattern, candidate.front());
    return has && matches(rest, candidate.substr(1));
  }
  const bool escaped = pattern.front() == '\\' && pattern.size() > 1;
  if (escaped) pattern.remove_prefix(1);
  if ((escaped || pattern.front() != '?') && pattern.front() != candidate.front()) return false;
  return matches(pattern.substr(1), candidate.substr(1));
}

// Where a cursor has an element: cursors follow these places, so that they need no memory, and what is there
// during a whole walk is offered by it. Never 0, which begins and ends a walk.
inline std::uint64_t place_of(std::string_view element) {
  std::uint64_t mixed = 14695981039346656037ULL;  // FNV-1a
  for (const char byte : element) mixed = (mixed ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
  return mixed >> 1 | 1;
}

}  // namespace scanhost::inline v1_0::testing::stored
