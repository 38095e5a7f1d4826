// SPDX-License-Identifier: Apache-2.0
//
// The memory_store's streams and consumer groups. Included by memory_store.hpp.
#pragma once

namespace scanhost::inline v1_0::testing {

namespace stored {

inline value entry_of(const stream_id& id, const std::vector<std::string>& fields) {
  return array(value(id_text(id)), array(std::vector<value>(fields.begin(), fields.end())));
}
inline value no_group() { return error("NOGROUP No such key or consumer group"); }
inline value wrong_id() { return error("ERR Invalid stream ID specified as stream command argument"); }

// The group that args[2] names.
inline consumer_group* group_of(stream* there, const std::string& name) {
  if (there == nullptr) return nullptr;
  const auto known = there->groups.find(name);
  return known == there->groups.end() ? nullptr : &known->second;
}

inline value pending_summary(const consumer_group& group) {
  if (group.pending.empty()) return array(value(0), nil(), nil(), nil());
  std::map<std::string, std::int64_t> by_consumer;
  for (const auto& [id, entry] : group.pending) ++by_consumer[entry.consumer];
  std::vector<value> consumers;
  consumers.reserve(by_consumer.size());
  for (const auto& [name, count] : by_consumer) consumers.push_back(array(name, std::to_string(count)));
  return array(value(group.pending.size()), value(id_text(group.pending.begin()->first)),
               value(id_text(group.pending.rbegin()->first)), array(std::move(consumers)));
}

}  // namespace stored

inline value memory_store::stream_add(const call& asked) {
  if (asked.args.size() % 2 == 0) return error("ERR wrong number of arguments for 'XADD' command");
  auto& there = make<stored::stream>(asked.args[1]);
  const auto now = static_cast<std::uint64_t>(now_ms_);
  auto id =
      stored::stream_id{std::max(now, there.last.ms), now > there.last.ms ? 0 : there.last.sequence + 1};
  if (asked.args[2] != "*") {
    const auto given = stored::id_of(asked.args[2]);
    if (!given) return stored::wrong_id();
    if (*given <= there.last)
      return error("ERR The ID specified in XADD is equal or smaller than the target stream top item");
    id = *given;
  }
  there.entries.emplace(id, values(asked.args.begin() + 3, asked.args.end()));
  there.last = id;
  ++there.added;
  return stored::id_text(id);
}

inline value memory_store::stream_range(const call& asked) {
  const bool reversed = same_word(asked.args[0], "XREVRANGE");
  const auto& low = asked.args[reversed ? 3 : 2];
  const auto& high = asked.args[reversed ? 2 : 3];
  const bool open = low.starts_with('(');
  const auto first = stored::id_of(std::string_view(low).substr(open ? 1 : 0));
  const auto last = stored::id_of(high, std::numeric_limits<std::uint64_t>::max());
  const auto count = stored::number_behind(asked, "COUNT", std::numeric_limits<std::int64_t>::max(), 4);
  if (!first || !last) return stored::wrong_id();
  if (!count) return stored::not_an_integer();
  const auto* there = find_as<stored::stream>(asked.args[1]);
  std::vector<value> found;
  if (there != nullptr)
    for (const auto& [id, fields] : there->entries)
      if ((open ? id > *first : id >= *first) && id <= *last) found.push_back(stored::entry_of(id, fields));
  if (reversed) std::reverse(found.begin(), found.end());
  if (std::ssize(found) > *count) found.resize(static_cast<std::size_t>(std::max<std::int64_t>(*count, 0)));
  return array(std::move(found));
}

inline value memory_store::stream_remove(const call& asked) {
  auto* there = find_as<stored::stream>(asked.args[1]);
  std::int64_t removed = 0;
  for (std::size_t at = 2; there != nullptr && at < asked.args.size(); ++at)
    if (const auto id = stored::id_of(asked.args[at]))
      removed += static_cast<std::int64_t>(there->entries.erase(*id));
  return removed;
}

inline value memory_store::stream_trim(const call& asked) {
  const bool by_length = same_word(asked.args[2], "MAXLEN");
  if (!by_length && !same_word(asked.args[2], "MINID")) return stored::syntax_error();
  const std::size_t at = asked.args[3] == "~" || asked.args[3] == "=" ? 4 : 3;
  if (at >= asked.args.size()) return stored::syntax_error();
  const auto most = stored::integer_of(asked.args[at]);
  const auto least = stored::id_of(asked.args[at]);
  if (by_length ? !most : !least) return stored::wrong_id();
  const auto limit = stored::number_behind(asked, "LIMIT", std::numeric_limits<std::int64_t>::max(), at + 1);
  if (!limit) return stored::not_an_integer();
  auto* there = find_as<stored::stream>(asked.args[1]);
  std::int64_t removed = 0;
  while (there != nullptr && !there->entries.empty() && removed < *limit &&
         (by_length ? std::ssize(there->entries) > *most : there->entries.begin()->first < *least)) {
    there->entries.erase(there->entries.begin());
    ++removed;
  }
  return removed;
}

inline value memory_store::stream_group(const call& asked) {
  const auto name = stored::upper(asked.args[1]);
  auto* there = find_as<stored::stream>(asked.args[2]);
  if (name == "DESTROY") return there == nullptr ? 0 : there->groups.erase(asked.args[3]);
  if (name == "DELCONSUMER" && asked.args.size() > 4) {
    auto* group = stored::group_of(there, asked.args[3]);
    if (group == nullptr) return stored::no_group();
    group->consumers.erase(asked.args[4]);
    return std::erase_if(group->pending,
                         [&](const auto& entry) { return entry.second.consumer == asked.args[4]; });
  }
  if (name != "CREATE" || asked.args.size() < 5) return stored::syntax_error();
  if (there == nullptr && !stored::place_of_word(asked, "MKSTREAM", 5))
    return error("ERR The XGROUP subcommand requires the key to exist");
  auto& created = make<stored::stream>(asked.args[2]);
  const auto last = asked.args[4] == "$" ? created.last : stored::id_of(asked.args[4]);
  if (!last) return stored::wrong_id();
  if (created.groups.count(asked.args[3]) > 0) return error("BUSYGROUP Consumer Group name already exists");
  created.groups[asked.args[3]].last = *last;
  return status("OK");
}

inline value memory_store::stream_acknowledge(const call& asked) {
  auto* group = stored::group_of(find_as<stored::stream>(asked.args[1]), asked.args[2]);
  std::int64_t acknowledged = 0;
  for (std::size_t at = 3; group != nullptr && at < asked.args.size(); ++at)
    if (const auto id = stored::id_of(asked.args[at]))
      acknowledged += static_cast<std::int64_t>(group->pending.erase(*id));
  return acknowledged;
}

inline value memory_store::stream_pending(const call& asked) {
  const auto* group = stored::group_of(find_as<stored::stream>(asked.args[1]), asked.args[2]);
  if (group == nullptr) return stored::no_group();
  return asked.args.size() == 3 ? stored::pending_summary(*group) : pending_range(asked, *group);
}

inline value memory_store::pending_range(const call& asked, const stored::consumer_group& group) const {
  const std::size_t at = same_word(asked.args[3], "IDLE") ? 5 : 3;
  if (at + 2 >= asked.args.size()) return stored::syntax_error();
  const auto idle = at == 5 ? stored::integer_of(asked.args[4]) : 0;
  const auto count = stored::integer_of(asked.args[at + 2]);
  const bool open = asked.args[at].starts_with('(');
  const auto first = stored::id_of(std::string_view(asked.args[at]).substr(open ? 1 : 0));
  const auto last = stored::id_of(asked.args[at + 1], std::numeric_limits<std::uint64_t>::max());
  if (!idle || !count || !first || !last) return stored::wrong_id();
  std::vector<value> found;
  for (const auto& [id, entry] : group.pending) {
    const auto idle_ms = now_ms_ - entry.delivered_ms;
    const bool inside = (open ? id > *first : id >= *first) && id <= *last;
    const bool of_consumer = at + 3 >= asked.args.size() || asked.args[at + 3] == entry.consumer;
    if (inside && of_consumer && idle_ms >= *idle && std::ssize(found) < *count)
      found.push_back(array(stored::id_text(id), entry.consumer, idle_ms, entry.deliveries));
  }
  return array(std::move(found));
}

inline value memory_store::stream_claim(const call& asked) {
  auto* there = find_as<stored::stream>(asked.args[1]);
  auto* group = stored::group_of(there, asked.args[2]);
  const auto idle = stored::integer_of(asked.args[4]);
  if (group == nullptr) return stored::no_group();
  if (!idle) return stored::not_an_integer();
  const bool only_ids = stored::place_of_word(asked, "JUSTID", 5).has_value();
  std::vector<value> claimed;
  for (std::size_t at = 5; at < asked.args.size(); ++at) {
    const auto id = stored::id_of(asked.args[at]);
    if (!id) break;  // the options begin
    const auto known = group->pending.find(*id);
    if (known == group->pending.end() || now_ms_ - known->second.delivered_ms < *idle) continue;
    const auto entry = there->entries.find(*id);
    if (entry == there->entries.end()) {
      group->pending.erase(known);
      continue;
    }
    known->second = {asked.args[3], now_ms_, known->second.deliveries + (only_ids ? 0 : 1)};
    claimed.push_back(only_ids ? value(stored::id_text(*id)) : stored::entry_of(*id, entry->second));
  }
  group->consumers.insert(asked.args[3]);
  return array(std::move(claimed));
}

// Looks at ten times COUNT, as a server does, and answers where to go on.
inline value memory_store::stream_auto_claim(const call& asked) {
  auto* there = find_as<stored::stream>(asked.args[1]);
  auto* group = stored::group_of(there, asked.args[2]);
  const auto idle = stored::integer_of(asked.args[4]);
  const auto count = stored::number_behind(asked, "COUNT", 100, 6);
  const bool open = asked.args[5].starts_with('(');
  const auto start = stored::id_of(std::string_view(asked.args[5]).substr(open ? 1 : 0));
  if (group == nullptr) return stored::no_group();
  if (!idle || !count || *count < 1) return stored::not_an_integer();
  if (!start) return stored::wrong_id();
  const bool only_ids = stored::place_of_word(asked, "JUSTID", 6).has_value();
  std::vector<value> claimed, gone;
  auto looks_left = *count * 10;
  auto at = open ? group->pending.upper_bound(*start) : group->pending.lower_bound(*start);
  while (at != group->pending.end() && looks_left-- > 0 && std::ssize(claimed) < *count) {
    const auto entry = there->entries.find(at->first);
    if (entry == there->entries.end()) {
      gone.emplace_back(stored::id_text(at->first));
      at = group->pending.erase(at);
      continue;
    }
    if (now_ms_ - at->second.delivered_ms >= *idle) {
      at->second = {asked.args[3], now_ms_, at->second.deliveries + (only_ids ? 0 : 1)};
      claimed.push_back(only_ids ? value(stored::id_text(at->first))
                                 : stored::entry_of(at->first, entry->second));
    }
    ++at;
  }
  group->consumers.insert(asked.args[3]);
  const auto next = at == group->pending.end() ? stored::stream_id{} : at->first;
  return array(value(stored::id_text(next)), array(std::move(claimed)), array(std::move(gone)));
}

inline value memory_store::stream_info(const call& asked) {
  auto* there = find_as<stored::stream>(asked.args[2]);
  if (there == nullptr) return error("ERR no such key");
  const auto name = stored::upper(asked.args[1]);
  if (name == "STREAM")
    return array("length", there->entries.size(), "last-generated-id", stored::id_text(there->last), "groups",
                 there->groups.size(), "entries-added", there->added);
  std::vector<value> found;
  if (name == "GROUPS") {
    for (const auto& [group_name, group] : there->groups)
      found.push_back(array("name", group_name, "consumers", group.consumers.size(), "pending",
                            group.pending.size(), "last-delivered-id", stored::id_text(group.last),
                            "entries-read", group.read, "lag", there->added - group.read));
    return array(std::move(found));
  }
  const auto* group = asked.args.size() > 3 ? stored::group_of(there, asked.args[3]) : nullptr;
  if (name != "CONSUMERS") return stored::syntax_error();
  if (group == nullptr) return stored::no_group();
  for (const auto& consumer : group->consumers) {
    std::int64_t pending = 0, seen = 0;
    for (const auto& [id, entry] : group->pending)
      if (entry.consumer == consumer) ++pending, seen = std::max(seen, entry.delivered_ms);
    found.push_back(array("name", consumer, "pending", pending, "idle", seen == 0 ? 0 : now_ms_ - seen));
  }
  return array(std::move(found));
}

// New entries (">") of each stream; without BLOCK, which the host refuses.
inline value memory_store::stream_read_group(const call& asked) {
  const auto count = stored::number_behind(asked, "COUNT", std::numeric_limits<std::int64_t>::max(), 4);
  if (!same_word(asked.args[1], "GROUP") || !stored::place_of_word(asked, "STREAMS", 4) || !count)
    return stored::syntax_error();
  std::vector<value> streams;
  for (const auto& key : keys_of(asked)) {
    auto* there = find_as<stored::stream>(key);
    auto* group = stored::group_of(there, asked.args[2]);
    if (group == nullptr) return stored::no_group();
    group->consumers.insert(asked.args[3]);
    std::vector<value> entries;
    for (auto next = there->entries.upper_bound(group->last);
         next != there->entries.end() && std::ssize(entries) < *count; ++next) {
      group->last = next->first;
      ++group->read;
      group->pending[next->first] = {asked.args[3], now_ms_, 1};
      entries.push_back(stored::entry_of(next->first, next->second));
    }
    if (!entries.empty()) streams.push_back(array(value(key), array(std::move(entries))));
  }
  return streams.empty() ? nil() : array(std::move(streams));
}

}  // namespace scanhost::inline v1_0::testing
