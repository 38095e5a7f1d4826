// SPDX-License-Identifier: Apache-2.0
//
// The memory_store's table of commands, its keys, strings and scripts. Included by memory_store.hpp.
#pragma once

#include <algorithm>

namespace scanhost::inline v1_0::testing {

namespace stored {

inline std::string upper(std::string_view word) {
  std::string raised(word);
  for (auto& letter : raised) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return raised;
}

inline value wrong_type() {
  return error("WRONGTYPE Operation against a key holding the wrong kind of value");
}
inline value not_an_integer() { return error("ERR value is not an integer or out of range"); }
inline value syntax_error() { return error("ERR syntax error"); }
inline value empty_array() { return array(std::vector<value>()); }

// The place of a word behind the first arguments; nothing: it is not there.
inline std::optional<std::size_t> place_of_word(const call& asked, std::string_view word,
                                                std::size_t from = 1) {
  for (auto at = from; at < asked.args.size(); ++at)
    if (same_word(asked.args[at], word)) return at;
  return std::nullopt;
}
// The number behind a word; `otherwise` without the word, nothing when it is no number.
inline std::optional<std::int64_t> number_behind(const call& asked, std::string_view word,
                                                 std::int64_t otherwise, std::size_t from = 1) {
  const auto at = place_of_word(asked, word, from);
  if (!at) return otherwise;
  return *at + 1 < asked.args.size() ? integer_of(asked.args[*at + 1]) : std::nullopt;
}

}  // namespace stored

inline const std::map<std::string, memory_store::row, std::less<>>& memory_store::table() {
  using store = memory_store;
  static const std::map<std::string, row, std::less<>> known{
      {"DEL", {2, type::any, true, false, &store::remove_keys}},
      {"UNLINK", {2, type::any, true, false, &store::remove_keys}},
      {"EXISTS", {2, type::any, false, false, &store::exists}},
      {"TYPE", {2, type::any, false, false, &store::type_command}},
      {"TTL", {2, type::any, false, false, &store::time_to_live}},
      {"PTTL", {2, type::any, false, false, &store::time_to_live}},
      {"EXPIRE", {3, type::any, true, false, &store::expire}},
      {"PEXPIRE", {3, type::any, true, false, &store::expire}},
      {"EXPIREAT", {3, type::any, true, false, &store::expire}},
      {"PEXPIREAT", {3, type::any, true, false, &store::expire}},
      {"PERSIST", {2, type::any, true, false, &store::persist}},
      {"MEMORY", {3, type::any, false, false, &store::memory}},
      {"KEYS", {2, type::none, false, true, &store::keys}},
      {"SCAN", {2, type::none, false, true, &store::scan}},
      {"DBSIZE", {1, type::none, false, false, &store::key_count}},
      {"TIME", {1, type::none, false, false, &store::time}},
      {"PING", {1, type::none, false, false, &store::ping}},
      {"PUBLISH", {3, type::none, true, false, &store::publish}},
      {"SPUBLISH", {3, type::none, true, false, &store::publish}},

      {"GET", {2, type::text, false, false, &store::get}},
      {"MGET", {2, type::text, false, false, &store::get_all}},
      {"SET", {3, type::any, true, false, &store::set}},
      {"INCR", {2, type::text, true, false, &store::increment}},
      {"DECR", {2, type::text, true, false, &store::increment}},
      {"INCRBY", {3, type::text, true, false, &store::increment}},
      {"DECRBY", {3, type::text, true, false, &store::increment}},
      {"STRLEN", {2, type::text, false, false, &store::length}},

      {"HGET", {3, type::hash, false, false, &store::hash_get}},
      {"HMGET", {3, type::hash, false, false, &store::hash_get_all}},
      {"HGETALL", {2, type::hash, false, false, &store::hash_fields}},
      {"HKEYS", {2, type::hash, false, true, &store::hash_fields}},
      {"HVALS", {2, type::hash, false, false, &store::hash_fields}},
      {"HEXISTS", {3, type::hash, false, false, &store::hash_exists}},
      {"HLEN", {2, type::hash, false, false, &store::cardinality}},
      {"HSET", {4, type::hash, true, false, &store::hash_set}},
      {"HMSET", {4, type::hash, true, false, &store::hash_set}},
      {"HSETNX", {4, type::hash, true, false, &store::hash_set}},
      {"HDEL", {3, type::hash, true, false, &store::hash_remove}},
      {"HINCRBY", {4, type::hash, true, false, &store::hash_increment}},
      {"HSCAN", {3, type::hash, false, true, &store::walk_collection}},

      {"SADD", {3, type::members, true, false, &store::set_add}},
      {"SREM", {3, type::members, true, false, &store::set_remove}},
      {"SMEMBERS", {2, type::members, false, true, &store::set_members}},
      {"SISMEMBER", {3, type::members, false, false, &store::set_contains}},
      {"SMISMEMBER", {3, type::members, false, false, &store::set_contains}},
      {"SCARD", {2, type::members, false, false, &store::cardinality}},
      {"SRANDMEMBER", {2, type::members, false, true, &store::set_random}},
      {"SPOP", {2, type::members, true, true, &store::set_random}},
      {"SSCAN", {3, type::members, false, true, &store::walk_collection}},

      {"ZADD", {4, type::sorted_set, true, false, &store::sorted_add}},
      {"ZREM", {3, type::sorted_set, true, false, &store::sorted_remove}},
      {"ZSCORE", {3, type::sorted_set, false, false, &store::sorted_score}},
      {"ZMSCORE", {3, type::sorted_set, false, false, &store::sorted_score}},
      {"ZINCRBY", {4, type::sorted_set, true, false, &store::sorted_increment}},
      {"ZCARD", {2, type::sorted_set, false, false, &store::cardinality}},
      {"ZCOUNT", {4, type::sorted_set, false, false, &store::sorted_count}},
      {"ZRANGE", {4, type::sorted_set, false, true, &store::sorted_range}},
      {"ZREVRANGE", {4, type::sorted_set, false, true, &store::sorted_range}},
      {"ZRANGEBYSCORE", {4, type::sorted_set, false, true, &store::sorted_range_by_score}},
      {"ZREVRANGEBYSCORE", {4, type::sorted_set, false, true, &store::sorted_range_by_score}},
      {"ZREMRANGEBYSCORE", {4, type::sorted_set, true, false, &store::sorted_remove_range}},
      {"ZREMRANGEBYRANK", {4, type::sorted_set, true, false, &store::sorted_remove_range}},
      {"ZPOPMIN", {2, type::sorted_set, true, true, &store::sorted_pop}},
      {"ZPOPMAX", {2, type::sorted_set, true, true, &store::sorted_pop}},
      {"ZSCAN", {3, type::sorted_set, false, true, &store::walk_collection}},

      {"LPUSH", {3, type::list, true, false, &store::list_push}},
      {"RPUSH", {3, type::list, true, false, &store::list_push}},
      {"LPOP", {2, type::list, true, true, &store::list_pop}},
      {"RPOP", {2, type::list, true, true, &store::list_pop}},
      {"LLEN", {2, type::list, false, false, &store::cardinality}},
      {"LRANGE", {4, type::list, false, true, &store::list_range}},
      {"LINDEX", {3, type::list, false, true, &store::list_index}},
      {"LREM", {4, type::list, true, false, &store::list_remove}},
      {"LTRIM", {4, type::list, true, false, &store::list_trim}},

      {"XADD", {5, type::stream, true, false, &store::stream_add}},
      {"XLEN", {2, type::stream, false, false, &store::cardinality}},
      {"XRANGE", {4, type::stream, false, true, &store::stream_range}},
      {"XREVRANGE", {4, type::stream, false, true, &store::stream_range}},
      {"XDEL", {3, type::stream, true, false, &store::stream_remove}},
      {"XTRIM", {4, type::stream, true, false, &store::stream_trim}},
      {"XGROUP", {4, type::stream, true, false, &store::stream_group}},
      {"XACK", {4, type::stream, true, false, &store::stream_acknowledge}},
      {"XPENDING", {3, type::stream, false, true, &store::stream_pending}},
      {"XCLAIM", {6, type::stream, true, true, &store::stream_claim}},
      {"XAUTOCLAIM", {6, type::stream, true, true, &store::stream_auto_claim}},
      {"XINFO", {3, type::stream, false, false, &store::stream_info}},
      {"XREADGROUP", {7, type::stream, true, true, &store::stream_read_group}},

      {"EVAL", {3, type::any, true, false, &store::script}},
      {"EVALSHA", {3, type::any, true, false, &store::script}},
      {"FCALL", {3, type::any, true, false, &store::script}},
      {"EVAL_RO", {3, type::any, false, false, &store::script}},
      {"EVALSHA_RO", {3, type::any, false, false, &store::script}},
      {"FCALL_RO", {3, type::any, false, false, &store::script}},
  };
  return known;
}

// --- about commands

inline const memory_store::row* memory_store::find_row(std::string_view name) {
  const auto found = table().find(stored::upper(name));
  return found == table().end() ? nullptr : &found->second;
}
inline bool memory_store::knows(std::string_view name) { return find_row(name) != nullptr; }
inline bool memory_store::offers(std::string_view name) {
  const auto* known = find_row(name);
  return known != nullptr && known->reads_collection;
}
inline memory_store::type memory_store::type_of(std::string_view name) {
  const auto* known = find_row(name);
  return known == nullptr ? type::none : known->keys;
}
inline bool memory_store::is_script(std::string_view name) {
  const auto* known = find_row(name);
  return known != nullptr && known->run == &memory_store::script;
}
inline bool memory_store::changes(const call& asked) {
  if (asked.args.empty()) return false;
  const auto* known = find_row(asked.args[0]);
  if (known == nullptr || !known->writes) return false;
  return !is_script(asked.args[0]) || !keys_of(asked).empty();
}

inline memory_store::values memory_store::keys_of(const call& asked) {
  const auto& args = asked.args;
  const auto* known = args.empty() ? nullptr : find_row(args[0]);
  if (known == nullptr || known->keys == type::none) return {};
  const auto from = [&](std::size_t first, std::size_t last, std::size_t step = 1) {
    values found;
    for (auto at = first; at < std::min(last, args.size()); at += step) found.push_back(args[at]);
    return found;
  };
  if (known->run == &memory_store::script) {
    const auto count = args.size() > 2 ? stored::integer_of(args[2]).value_or(0) : 0;
    return from(3, 3 + static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
  }
  if (known->run == &memory_store::stream_read_group) {
    const auto streams = stored::place_of_word(asked, "STREAMS").value_or(args.size());
    return from(streams + 1, streams + 1 + (args.size() - std::min(streams + 1, args.size())) / 2);
  }
  for (const std::string_view grouped : {"XINFO", "XGROUP", "MEMORY"})
    if (same_word(args[0], grouped)) return from(2, 3);
  for (const std::string_view several : {"DEL", "UNLINK", "EXISTS", "MGET"})
    if (same_word(args[0], several)) return from(1, args.size());
  return from(1, 2);
}

// --- carrying out

inline void memory_store::clear() {
  keys_.clear();
  offered_.clear();
}

inline answer memory_store::ask(const call& asked) {
  if (asked.args.empty()) return error("ERR there is no command");
  const auto* known = find_row(asked.args[0]);
  if (known == nullptr) return error("ERR unknown command '" + asked.args[0] + "'");
  if (asked.args.size() < known->min_args)
    return error("ERR wrong number of arguments for '" + asked.args[0] + "' command");
  auto reply = asked.acts() || is_script(asked.args[0]) ? act_by_declaration(asked) : carry_out(asked);
  if (known->reads_collection) note_offered(asked, reply);
  return reply;
}

inline value memory_store::carry_out(const call& asked) {
  const auto* known = find_row(asked.args[0]);
  const bool typed = known->keys != type::any && known->keys != type::none;
  for (const auto& key : keys_of(asked)) {
    const auto* there = find(key);
    if (typed && there != nullptr && there->held.index() + 1 != static_cast<std::size_t>(known->keys))
      return same_word(asked.args[0], "MGET") ? (this->*known->run)(asked) : stored::wrong_type();
  }
  auto reply = (this->*known->run)(asked);
  if (known->writes)
    for (const auto& key : keys_of(asked)) drop_if_empty(key);
  return reply;
}

inline value memory_store::act_by_declaration(const call& asked) {
  const auto what = decide_ ? decide_(asked) : effect::removes_item;
  if (what == effect::fails) return error("ERR the call fails, as the test declared");
  if (what == effect::keeps_item) return 0;
  return carry_out(asked);
}

// The elements that a range or cursor returned; a script that acts on one finds its index by this.
inline void memory_store::note_offered(const call& asked, const value& reply) {
  const auto from = keys_of(asked);
  const std::function<void(const value&)> note = [&](const value& part) {
    if (part.kind == SCANHOST_REPLY_STRING)
      offered_[{asked.tag, part.text}].insert(from.empty() ? std::string() : from[0]);
    for (const auto& element : part.elements) note(element);
  };
  note(reply);
}

inline bool memory_store::erase_element(const std::string& key, const std::string& element) {
  auto* there = find(key);
  if (there == nullptr) return false;
  bool erased = false;
  if (auto* known = std::get_if<stored::members>(&there->held)) erased = known->erase(element) > 0;
  if (auto* known = std::get_if<stored::sorted_set>(&there->held)) erased = known->erase(element);
  if (auto* known = std::get_if<stored::hash>(&there->held)) erased = known->erase(element) > 0;
  if (auto* known = std::get_if<stored::list>(&there->held)) erased = std::erase(*known, element) > 0;
  if (auto* known = std::get_if<stored::stream>(&there->held)) {
    const auto id = stored::id_of(element);
    erased = id && known->entries.erase(*id) > 0;
    for (auto& [name, group] : known->groups) erased = (id && group.pending.erase(*id) > 0) || erased;
  }
  drop_if_empty(key);
  return erased;
}

// From the script's keys and from where the scan read it; a key that SCAN offered is removed itself. A script
// whose item is not named acts on those of its arguments that were read.
inline std::int64_t memory_store::remove_item(const call& asked) {
  std::int64_t removed = 0;
  const auto script_keys = keys_of(asked);
  const auto remove = [&](const std::string& item) {
    bool erased = false;
    for (const auto& key : script_keys) erased = erase_element(key, item) || erased;
    const auto from = offered_.find({asked.tag, item});
    if (from != offered_.end())
      for (const auto& key : from->second)
        erased = (key.empty() ? keys_.erase(item) > 0 : erase_element(key, item)) || erased;
    removed += erased ? 1 : 0;
  };
  if (!asked.item.empty()) {
    remove(asked.item);
    return removed;
  }
  for (std::size_t at = 3 + script_keys.size(); at < asked.args.size(); ++at)
    if (offered_.count({asked.tag, asked.args[at]}) > 0) remove(asked.args[at]);
  return removed;
}

inline value memory_store::script(const call& asked) {
  if (!stored::integer_of(asked.args[2])) return stored::not_an_integer();
  if (!changes(asked)) return nil();
  return remove_item(asked);
}

// --- keys

inline memory_store::stored_key* memory_store::find(const std::string& key) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return nullptr;
  if (!found->second.expires_ms || *found->second.expires_ms > now_ms_) return &found->second;
  keys_.erase(found);
  return nullptr;
}

template <class Content>
Content* memory_store::find_as(const std::string& key) {
  auto* there = find(key);
  return there == nullptr ? nullptr : std::get_if<Content>(&there->held);
}
template <class Content>
Content& memory_store::make(const std::string& key) {
  if (auto* there = find_as<Content>(key)) return *there;
  return std::get<Content>((keys_[key] = stored_key{Content{}}).held);
}

inline void memory_store::drop_if_empty(const std::string& key) {
  const auto* there = find(key);
  if (there != nullptr && stored::is_empty(there->held)) keys_.erase(key);
}

inline value memory_store::remove_keys(const call& asked) {
  std::int64_t removed = 0;
  for (const auto& key : keys_of(asked))
    if (find(key) != nullptr) removed += static_cast<std::int64_t>(keys_.erase(key));
  return removed;
}

inline value memory_store::exists(const call& asked) {
  const auto named = keys_of(asked);
  return std::count_if(named.begin(), named.end(), [&](const auto& key) { return find(key) != nullptr; });
}

inline value memory_store::type_command(const call& asked) {
  const auto* there = find(asked.args[1]);
  return status(there == nullptr ? "none" : std::string(stored::type_name(there->held)));
}

inline value memory_store::time_to_live(const call& asked) {
  const auto* there = find(asked.args[1]);
  if (there == nullptr) return -2;
  if (!there->expires_ms) return -1;
  const auto left = *there->expires_ms - now_ms_;
  return same_word(asked.args[0], "TTL") ? (left + 500) / 1000 : left;
}

inline value memory_store::expire(const call& asked) {
  const auto number = stored::integer_of(asked.args[2]);
  if (!number) return stored::not_an_integer();
  auto* there = find(asked.args[1]);
  if (there == nullptr) return 0;
  const auto name = stored::upper(asked.args[0]);
  const auto ms = name.front() == 'P' ? *number : *number * 1000;
  there->expires_ms = name.ends_with("AT") ? ms : now_ms_ + ms;
  find(asked.args[1]);  // a moment in the past removes the key
  return 1;
}

inline value memory_store::persist(const call& asked) {
  auto* there = find(asked.args[1]);
  return there != nullptr && std::exchange(there->expires_ms, std::nullopt) ? 1 : 0;
}

inline value memory_store::keys(const call& asked) {
  std::vector<value> found;
  const auto known = keys_;
  for (const auto& [key, held] : known)
    if (find(key) != nullptr && stored::matches(asked.args[1], key)) found.emplace_back(key);
  return array(std::move(found));
}

// One page of a cursor over the places of elements. `name` gives an element's name, `add` puts it into the
// reply.
template <class Elements, class Name, class Add>
value memory_store::walk(const call& asked, std::size_t cursor_at, const Elements& elements, Name name,
                         Add add) {
  constexpr std::size_t small_collection = 128;
  const auto cursor = stored::integer_of(asked.args[cursor_at]);
  const auto count = stored::number_behind(asked, "COUNT", 10, cursor_at + 1);
  const auto match = stored::place_of_word(asked, "MATCH", cursor_at + 1);
  if (!cursor || *cursor < 0) return error("ERR invalid cursor");
  if (!count || *count < 1 || (match && *match + 1 >= asked.args.size())) return stored::syntax_error();
  std::multimap<std::uint64_t, decltype(&*elements.begin())> left;
  for (const auto& element : elements)
    if (const auto place = stored::place_of(name(element)); place >= static_cast<std::uint64_t>(*cursor))
      left.emplace(place, &element);
  const bool whole = whole_collections_ && cursor_at == 2 && elements.size() <= small_collection;
  const auto page = whole ? left.size() : static_cast<std::size_t>(*count);
  std::vector<value> offered;
  std::size_t seen = 0;
  std::uint64_t last = 0, next = 0;
  for (const auto& [place, element] : left) {
    if (seen >= page && place != last) {
      next = place;
      break;
    }
    ++seen;
    last = place;
    if (!match || stored::matches(asked.args[*match + 1], name(*element))) add(offered, *element);
  }
  return array(value(std::to_string(next)), array(std::move(offered)));
}

inline value memory_store::scan(const call& asked) {
  const auto wanted_type = stored::place_of_word(asked, "TYPE", 2);
  std::vector<std::string> known;
  for (const auto& [key, held] : keys_)
    if (!held.expires_ms || *held.expires_ms > now_ms_) known.push_back(key);
  return walk(
      asked, 1, known, [](const std::string& key) { return std::string_view(key); },
      [&](std::vector<value>& offered, const std::string& key) {
        const bool fits = !wanted_type || *wanted_type + 1 >= asked.args.size() ||
                          same_word(asked.args[*wanted_type + 1], stored::type_name(find(key)->held));
        if (fits) offered.emplace_back(key);
      });
}

inline value memory_store::key_count(const call&) { return keys_.size(); }
inline value memory_store::time(const call&) {
  return array(std::to_string(now_ms_ / 1000), std::to_string(now_ms_ % 1000 * 1000));
}
inline value memory_store::ping(const call& asked) {
  return asked.args.size() > 1 ? value(asked.args[1]) : status("PONG");
}
inline value memory_store::publish(const call&) { return 0; }
inline value memory_store::memory(const call& asked) {
  constexpr int usual_bytes = 100;
  if (!same_word(asked.args[1], "USAGE")) return stored::syntax_error();
  return find(asked.args[2]) == nullptr ? nil() : value(usual_bytes);
}

// --- strings

inline value memory_store::get(const call& asked) {
  const auto* there = find_as<stored::text>(asked.args[1]);
  return there == nullptr ? nil() : value(*there);
}

inline value memory_store::get_all(const call& asked) {
  std::vector<value> found;
  for (const auto& key : keys_of(asked)) {
    const auto* there = find_as<stored::text>(key);
    found.push_back(there == nullptr ? nil() : value(*there));
  }
  return array(std::move(found));
}

inline value memory_store::set(const call& asked) {
  const bool there = find(asked.args[1]) != nullptr;
  if (stored::place_of_word(asked, "NX", 3) && there) return nil();
  if (stored::place_of_word(asked, "XX", 3) && !there) return nil();
  const auto seconds = stored::number_behind(asked, "EX", 0, 3),
             ms = stored::number_behind(asked, "PX", 0, 3);
  if (!seconds || !ms) return stored::not_an_integer();
  stored_key written{stored::text(asked.args[2])};
  const auto lasts = *seconds * 1000 + *ms;
  if (lasts > 0) written.expires_ms = now_ms_ + lasts;
  if (stored::place_of_word(asked, "KEEPTTL", 3) && there)
    written.expires_ms = keys_[asked.args[1]].expires_ms;
  keys_[asked.args[1]] = std::move(written);
  return status("OK");
}

inline value memory_store::increment(const call& asked) {
  const auto* there = find_as<stored::text>(asked.args[1]);
  const auto held = there == nullptr ? 0 : stored::integer_of(*there);
  const auto step = asked.args.size() > 2 ? stored::integer_of(asked.args[2]) : 1;
  if (!held || !step) return stored::not_an_integer();
  const bool down = stored::upper(asked.args[0]).starts_with("DECR");
  const auto sum = down ? *held - *step : *held + *step;
  make<stored::text>(asked.args[1]) = std::to_string(sum);
  return sum;
}

inline value memory_store::length(const call& asked) {
  const auto* there = find_as<stored::text>(asked.args[1]);
  return there == nullptr ? 0 : there->size();
}

// --- any collection

inline value memory_store::cardinality(const call& asked) {
  struct counts {
    std::size_t operator()(const stored::text&) const { return 1; }
    std::size_t operator()(const stored::hash& held) const { return held.size(); }
    std::size_t operator()(const stored::members& held) const { return held.size(); }
    std::size_t operator()(const stored::list& held) const { return held.size(); }
    std::size_t operator()(const stored::sorted_set& held) const { return held.scores.size(); }
    std::size_t operator()(const stored::stream& held) const { return held.entries.size(); }
  };
  const auto* there = find(asked.args[1]);
  return there == nullptr ? 0 : std::visit(counts{}, there->held);
}

inline value memory_store::walk_collection(const call& asked) {
  const auto name_of_pair = [](const auto& element) { return std::string_view(element.first); };
  const auto* there = find(asked.args[1]);
  const stored::hash nothing;
  if (const auto* held = there == nullptr ? nullptr : std::get_if<stored::members>(&there->held))
    return walk(
        asked, 2, *held, [](const std::string& member) { return std::string_view(member); },
        [](std::vector<value>& offered, const std::string& member) { offered.emplace_back(member); });
  if (const auto* held = there == nullptr ? nullptr : std::get_if<stored::sorted_set>(&there->held))
    return walk(asked, 2, held->scores, name_of_pair, [](std::vector<value>& offered, const auto& element) {
      offered.insert(offered.end(), {value(element.first), value(stored::score_text(element.second))});
    });
  const auto* held = there == nullptr ? &nothing : &std::get<stored::hash>(there->held);
  return walk(asked, 2, *held, name_of_pair, [](std::vector<value>& offered, const auto& element) {
    offered.insert(offered.end(), {value(element.first), value(element.second)});
  });
}

}  // namespace scanhost::inline v1_0::testing
