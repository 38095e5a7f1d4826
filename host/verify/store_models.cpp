// SPDX-License-Identifier: Apache-2.0
#include "verify/store_models.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace scanhost::verify {
namespace {

using testing::answer;
using testing::array;
using testing::call;
using testing::value;

constexpr std::size_t index_size = 7;  // of each index in the full store

// How the reply of a command is made.
enum class shape {
  members,
  scores,
  cursor,
  text,
  texts,
  hash,
  count,
  flag,
  script,
  time,
  type,
  left,
  status,
  unknown
};

constexpr std::pair<std::string_view, shape> shapes[] = {{"ZRANGE", shape::scores},
                                                         {"ZRANGEBYSCORE", shape::scores},
                                                         {"ZREVRANGE", shape::scores},
                                                         {"ZREVRANGEBYSCORE", shape::scores},
                                                         {"ZRANGEBYLEX", shape::members},
                                                         {"ZREVRANGEBYLEX", shape::members},
                                                         {"SMEMBERS", shape::members},
                                                         {"SRANDMEMBER", shape::members},
                                                         {"LRANGE", shape::members},
                                                         {"HKEYS", shape::members},
                                                         {"HVALS", shape::members},
                                                         {"KEYS", shape::members},
                                                         {"SCAN", shape::cursor},
                                                         {"SSCAN", shape::cursor},
                                                         {"ZSCAN", shape::cursor},
                                                         {"HSCAN", shape::cursor},
                                                         {"GET", shape::text},
                                                         {"HGET", shape::text},
                                                         {"ZSCORE", shape::text},
                                                         {"LINDEX", shape::text},
                                                         {"HMGET", shape::texts},
                                                         {"MGET", shape::texts},
                                                         {"HGETALL", shape::hash},
                                                         {"ZCARD", shape::count},
                                                         {"SCARD", shape::count},
                                                         {"LLEN", shape::count},
                                                         {"XLEN", shape::count},
                                                         {"HLEN", shape::count},
                                                         {"ZCOUNT", shape::count},
                                                         {"DBSIZE", shape::count},
                                                         {"STRLEN", shape::count},
                                                         {"EXISTS", shape::flag},
                                                         {"SISMEMBER", shape::flag},
                                                         {"HEXISTS", shape::flag},
                                                         {"DEL", shape::flag},
                                                         {"UNLINK", shape::flag},
                                                         {"ZREM", shape::flag},
                                                         {"SREM", shape::flag},
                                                         {"HDEL", shape::flag},
                                                         {"LREM", shape::flag},
                                                         {"XTRIM", shape::flag},
                                                         {"XDEL", shape::flag},
                                                         {"EXPIRE", shape::flag},
                                                         {"PEXPIRE", shape::flag},
                                                         {"PERSIST", shape::flag},
                                                         {"EVAL", shape::script},
                                                         {"EVALSHA", shape::script},
                                                         {"FCALL", shape::script},
                                                         {"EVAL_RO", shape::script},
                                                         {"FCALL_RO", shape::script},
                                                         {"TIME", shape::time},
                                                         {"TYPE", shape::type},
                                                         {"TTL", shape::left},
                                                         {"PTTL", shape::left},
                                                         {"SET", shape::status},
                                                         {"PING", shape::status}};

std::string upper(std::string_view text) {
  std::string uppercase(text);
  for (auto& c : uppercase) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return uppercase;
}

shape shape_of(const call& asked) {
  const auto name = upper(asked.args.front());
  for (const auto& [known, reply_shape] : shapes)
    if (known == name) return reply_shape;
  return shape::unknown;
}

std::size_t place_of(const call& asked, std::string_view word) {
  for (std::size_t i = 1; i < asked.args.size(); ++i)
    if (upper(asked.args[i]) == word) return i;
  return asked.args.size();
}

std::size_t number_at(const call& asked, std::size_t place, std::size_t otherwise) {
  if (place >= asked.args.size()) return otherwise;
  const auto& text = asked.args[place];
  std::size_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() ? number : otherwise;
}

// Honours LIMIT, so that a scan that keeps paging reaches the end of the index.
value some_members(const call& asked, std::size_t total, bool with_scores) {
  const auto limit = place_of(asked, "LIMIT");
  const auto first = number_at(asked, limit + 1, 0);
  const auto max_elements = number_at(asked, limit + 2, total);
  std::vector<value> members;
  for (std::size_t i = first; i < total && i - first < max_elements; ++i) {
    members.emplace_back("item-" + std::to_string(i + 1));
    if (with_scores) members.emplace_back(std::to_string(1'000'000 + i));
  }
  return array(std::move(members));
}

bool has_word(const call& asked, std::string_view word) { return place_of(asked, word) < asked.args.size(); }

value repeated(const value& element, std::size_t count) { return array(std::vector<value>(count, element)); }

// How many values a command with several fields or keys asks for.
std::size_t fields_of(const call& asked) {
  const std::size_t before = upper(asked.args.front()) == "MGET" ? 1 : 2;
  return asked.args.size() > before ? asked.args.size() - before : 0;
}

value reply(const call& asked, bool full) {
  const std::size_t total = full ? index_size : 0;
  switch (shape_of(asked)) {
    case shape::members:
      return some_members(asked, total, false);
    case shape::scores:
      return some_members(asked, total, has_word(asked, "WITHSCORES"));
    case shape::cursor:
      return array(value("0"), some_members(asked, total,
                                            upper(asked.args.front()).find("SCAN") == 1 &&
                                                upper(asked.args.front()) != "SSCAN"));
    case shape::text:
      return full ? value("1") : testing::nil();
    case shape::texts:
      return repeated(full ? value("1") : testing::nil(), fields_of(asked));
    case shape::hash:
      return full ? array("field", "1") : array(std::vector<value>());
    case shape::count:
      return value(total);
    case shape::flag:
    case shape::script:
      return value(full ? 1 : 0);
    case shape::time:
      return array("1700000000", "0");
    case shape::type:
      return testing::status(full ? "string" : "none");
    case shape::left:
      return value(full ? -1 : -2);
    case shape::status:
      return testing::status("OK");
    case shape::unknown:
      break;
  }
  return full ? value(1) : testing::nil();
}

std::vector<value> odd_values() {
  auto deep = array("x");
  for (int depth = 0; depth < 100; ++depth) deep = array(std::vector<value>{deep});
  return {testing::nil(),
          value(-1),
          value(std::numeric_limits<std::int64_t>::max()),
          value(""),
          value(std::string(65'536, '\0')),
          value("not a number"),
          testing::status("OK"),
          array(std::vector<value>()),
          repeated(testing::nil(), 3),
          repeated(value(7), 5),
          array(value("0"), testing::nil()),
          array(value("item-1"), value("")),
          deep};
}

}  // namespace

bool knows(const call& asked) { return shape_of(asked) != shape::unknown; }

answer empty_store(const call& asked) { return reply(asked, false); }

answer full_store(const call& asked) { return reply(asked, true); }

testing::answer_to odd_store() {
  struct state {
    std::vector<value> values = odd_values();
    std::map<std::string, std::size_t> next;  // by command
  };
  return [kept = std::make_shared<state>()](const call& asked) {
    auto& next = kept->next[upper(asked.args.front())];
    return answer(kept->values[next++ % kept->values.size()]);
  };
}

}  // namespace scanhost::verify
