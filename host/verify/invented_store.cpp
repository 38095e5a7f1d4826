// SPDX-License-Identifier: Apache-2.0
#include "verify/invented_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

namespace scanhost::verify {
namespace {

using testing::call;
using testing::memory_store;
using type = memory_store::type;

constexpr int long_ago = 1'000'000;           // as a score: in 1970, in ms and in s
constexpr auto far_future = "4102444800000";  // 2100 in ms
constexpr std::chrono::hours idle_time{24};   // of entries that a consumer has not acknowledged

// The number-th entry of collections in this partition. Ids are UUIDs, which many plugins insist on; every
// other one has the partition's tag in front.
std::string entry(const std::string& tag, int number) {
  const auto id = fmt::format("00000000-0000-4000-8000-{:012}", number);
  return number % 2 == 0 || tag.empty() ? id : tag + ":" + id;
}

// The braces of a key, for keys that no scan of a partition with a tag asks for.
std::string tag_of(const std::string& key, const call& asked) {
  if (!asked.tag.empty()) return asked.tag;
  const auto open = key.find('{');
  const auto close = key.find('}', open);
  return open == std::string::npos || close == std::string::npos ? std::string()
                                                                 : key.substr(open, close - open + 1);
}

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view known) { return testing::same_word(name, known); });
}

// A key that a glob pattern finds: `*` stands for the entry.
std::string key_for(std::string_view pattern, const std::string& entry) {
  std::string key;
  bool has_star = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      key += pattern[++i];
    } else if (pattern[i] == '[' && i + 1 < pattern.size()) {
      key += pattern[i + 1];
      i = std::min(pattern.find(']', i), pattern.size() - 1);
    } else if (pattern[i] == '*') {
      if (!std::exchange(has_star, true)) key += entry;
    } else {
      key += pattern[i] == '?' ? 'x' : pattern[i];
    }
  }
  return key;
}

std::string_view word_behind(const call& asked, std::string_view word, std::string_view otherwise) {
  const auto at = testing::stored::place_of_word(asked, word);
  return at && *at + 1 < asked.args.size() ? std::string_view(asked.args[*at + 1]) : otherwise;
}

}  // namespace

invented_store::invented_store(holds what, const store_commands& given, int entries)
    : holds_(what), given_(given), entries_(entries) {
  refill();
}

void invented_store::clear() {
  data_.clear();
  for (auto* known : {&keys_, &untyped_, &open_, &invented_, &elements_}) known->clear();
}

void invented_store::refill() {
  clear();
  data_.set_now(now_);
  if (holds_ == holds::given)
    for (const auto& command : given_) data_.run(command);
}

void invented_store::set_now(timestamp now) noexcept {
  now_ = now;
  data_.set_now(now);
}

testing::answer invented_store::ask(const call& asked) {
  if (!memory_store::knows(asked.args.front()))
    return holds_ == holds::nothing ? testing::nil() : testing::value(1);
  if (holds_ != holds::whatever_is_asked_for) return data_.ask(asked);
  invent_for(asked);
  auto answered = data_.ask(memory_store::is_script(asked.args.front()) ? with_known_item(asked) : asked);
  // A script of which no item is known did what it is for.
  const auto& reply = answered.reply;
  const bool nothing_known = reply.kind == SCANHOST_REPLY_NIL || (reply.number == 0 && asked.item.empty());
  if (memory_store::is_script(asked.args.front()) && answered.kind == SCANHOST_OUTCOME_REPLY && nothing_known)
    return testing::value(1);
  return answered;
}

void invented_store::invent_for(const call& asked) {
  const auto& name = asked.args.front();
  if (is_any_of(name, {"SCAN", "KEYS"})) return invent_keyspace(asked);
  if (memory_store::is_script(name) || memory_store::type_of(name) == type::none) return;
  // What is written first is not there yet.
  const bool only_writes =
      memory_store::changes(asked) && !memory_store::offers(name) &&
      !is_any_of(name, {"DEL", "UNLINK", "EXPIRE", "PEXPIRE", "PERSIST", "XACK", "XTRIM"}) &&
      !is_any_of(name, {"ZREM", "SREM", "HDEL", "LREM", "XDEL", "ZREMRANGEBYSCORE"});
  for (const auto& key : memory_store::keys_of(asked)) {
    if (only_writes)
      keys_.insert(key);
    else
      invent_key(key, asked);
  }
}

void invented_store::invent_keyspace(const call& asked) {
  const auto pattern = std::string(testing::same_word(asked.args.front(), "KEYS") && asked.args.size() > 1
                                       ? std::string_view(asked.args[1])
                                       : word_behind(asked, "MATCH", "*"));
  const auto kind = testing::stored::upper(word_behind(asked, "TYPE", "string"));
  if (!is_first_time(kind + " " + pattern)) return;
  for (int number = 1; number <= entries_; ++number) {
    const auto key = key_for(pattern, entry(asked.tag, number));
    if (!keys_.insert(key).second) continue;
    elements_.insert(key);
    if (kind == "ZSET") data_.run("ZADD", key, long_ago, entry(asked.tag, number));
    if (kind == "SET") data_.run("SADD", key, entry(asked.tag, number));
    if (kind == "HASH") data_.run("HSET", key, "field", 1);
    if (kind == "LIST") data_.run("RPUSH", key, entry(asked.tag, number));
    if (kind == "STREAM") data_.run("XADD", key, "1-1", "field", 1);
    if (kind != "STRING") continue;
    data_.run("SET", key, 1);
    untyped_.insert(key);
  }
}

void invented_store::invent_key(const std::string& key, const call& asked) {
  const auto kind = memory_store::type_of(asked.args.front());
  const bool is_new = keys_.insert(key).second;
  if (is_new && kind == type::any) {
    untyped_.insert(key);
    data_.run("SET", key, 1);
  } else if (kind != type::any && (is_new || untyped_.count(key) > 0)) {
    untyped_.erase(key);
    data_.run("DEL", key);
    fill(key, asked);
  }
  if (kind == type::hash) add_fields(key, asked);
  if (open_.count(key) > 0) add_member(key, asked);
  if (kind == type::stream) fill_stream(key, asked);
}

void invented_store::fill(const std::string& key, const call& asked) {
  const auto& name = asked.args.front();
  const auto kind = memory_store::type_of(name);
  if (is_any_of(name, {"ZSCORE", "ZMSCORE", "SISMEMBER", "SMISMEMBER"})) open_.insert(key);
  if (kind == type::text) data_.run("SET", key, 1);
  if (testing::same_word(name, "HGETALL")) data_.run("HSET", key, "field", 1);
  for (int number = 1; number <= entries_; ++number) {
    const auto id = entry(tag_of(key, asked), number);
    elements_.insert(id);
    if (kind == type::sorted_set) data_.run("ZADD", key, long_ago + number, id);
    if (kind == type::members) data_.run("SADD", key, id);
    if (kind == type::list) data_.run("RPUSH", key, id);
    if (kind == type::hash && is_any_of(name, {"HKEYS", "HSCAN", "HLEN"})) data_.run("HSET", key, id, 1);
    if (kind == type::stream) data_.run("XADD", key, fmt::format("{}-1", long_ago + number), "id", id);
  }
  if (kind == type::sorted_set) data_.run("ZADD", key, far_future, entry(tag_of(key, asked), entries_ + 1));
}

// The group that a command names, with all entries delivered to a consumer that is gone but for the last
// ones.
void invented_store::fill_stream(const std::string& key, const call& asked) {
  const auto& name = asked.args.front();
  std::string group;
  if (is_any_of(name, {"XPENDING", "XAUTOCLAIM", "XCLAIM", "XREADGROUP", "XACK"})) group = asked.args[2];
  if (testing::same_word(name, "XINFO")) group = asked.args.size() > 3 ? asked.args[3] : "group";
  if (group.empty() || !is_first_time("group " + group + " of " + key)) return;
  data_.set_now(now_ - idle_time);
  data_.run("XGROUP", "CREATE", key, group, 0);
  data_.run("XREADGROUP", "GROUP", group, "gone", "COUNT", entries_ - 2, "STREAMS", key, ">");
  data_.set_now(now_);
  for (int number = 1; number <= entries_; ++number) elements_.insert(fmt::format("{}-1", long_ago + number));
}

void invented_store::add_fields(const std::string& key, const call& asked) {
  const auto& name = asked.args.front();
  if (!is_any_of(name, {"HGET", "HMGET", "HEXISTS"})) return;
  for (std::size_t at = 2; at < asked.args.size(); ++at)
    if (is_first_time("field " + asked.args[at] + " of " + key)) data_.run("HSETNX", key, asked.args[at], 1);
}

void invented_store::add_member(const std::string& key, const call& asked) {
  const auto& name = asked.args.front();
  const bool sorted = is_any_of(name, {"ZSCORE", "ZMSCORE"});
  if (!sorted && !is_any_of(name, {"SISMEMBER", "SMISMEMBER"})) return;
  for (std::size_t at = 2; at < asked.args.size(); ++at) {
    if (!is_first_time("member " + asked.args[at] + " of " + key)) continue;
    if (sorted)
      data_.run("ZADD", key, "NX", long_ago, asked.args[at]);
    else
      data_.run("SADD", key, asked.args[at]);
  }
}

// An item may be a part of the entry that it was found by, or have it as a part.
call invented_store::with_known_item(const call& asked) const {
  if (asked.item.empty() || elements_.count(asked.item) > 0) return asked;
  const auto related = std::find_if(elements_.begin(), elements_.end(), [&](const std::string& element) {
    const bool of_this_partition =
        asked.tag.empty() || !element.starts_with('{') || element.starts_with(asked.tag);
    return of_this_partition &&
           (element.find(asked.item) != std::string::npos || asked.item.find(element) != std::string::npos);
  });
  if (related == elements_.end()) return asked;
  auto about_entry = asked;
  about_entry.item = *related;
  return about_entry;
}

}  // namespace scanhost::verify
