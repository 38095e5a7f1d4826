// SPDX-License-Identifier: Apache-2.0
//
// The memory_store's hashes, sets, sorted sets and lists. Included by memory_store.hpp.
#pragma once

namespace scanhost::inline v1_0::testing {

namespace stored {

// The places first..last of `size` elements, as LRANGE and ZRANGE count them; nothing: none.
inline std::optional<std::pair<std::size_t, std::size_t>> places(std::int64_t first, std::int64_t last,
                                                                 std::size_t size) {
  const auto count = static_cast<std::int64_t>(size);
  if (first < 0) first = std::max<std::int64_t>(first + count, 0);
  if (last < 0) last += count;
  last = std::min(last, count - 1);
  if (first > last) return std::nullopt;
  return std::pair{static_cast<std::size_t>(first), static_cast<std::size_t>(last)};
}

using scored_members = std::vector<std::pair<double, std::string>>;  // in order

inline scored_members between(const sorted_set& held, const score_bound& least, const score_bound& most) {
  scored_members inside;
  for (const auto& entry : held.order)
    if ((least.open ? entry.first > least.score : entry.first >= least.score) &&
        (most.open ? entry.first < most.score : entry.first <= most.score))
      inside.push_back(entry);
  return inside;
}

inline value reply_of(const scored_members& entries, bool with_scores) {
  std::vector<value> found;
  for (const auto& [score, member] : entries) {
    found.emplace_back(member);
    if (with_scores) found.emplace_back(score_text(score));
  }
  return array(std::move(found));
}

}  // namespace stored

// --- hashes

inline value memory_store::hash_get(const call& asked) {
  const auto* there = find_as<stored::hash>(asked.args[1]);
  const auto field = there == nullptr ? stored::hash::const_iterator() : there->find(asked.args[2]);
  return there == nullptr || field == there->end() ? nil() : value(field->second);
}

inline value memory_store::hash_get_all(const call& asked) {
  std::vector<value> found;
  for (std::size_t at = 2; at < asked.args.size(); ++at) {
    call single;
    single.args = {"HGET", asked.args[1], asked.args[at]};
    found.push_back(hash_get(single));
  }
  return array(std::move(found));
}

inline value memory_store::hash_fields(const call& asked) {
  const auto* there = find_as<stored::hash>(asked.args[1]);
  if (there == nullptr) return stored::empty_array();
  std::vector<value> found;
  for (const auto& [field, held] : *there) {
    if (!same_word(asked.args[0], "HVALS")) found.emplace_back(field);
    if (!same_word(asked.args[0], "HKEYS")) found.emplace_back(held);
  }
  return array(std::move(found));
}

inline value memory_store::hash_set(const call& asked) {
  if (asked.args.size() % 2 != 0)
    return error("ERR wrong number of arguments for '" + asked.args[0] + "' command");
  auto& fields = make<stored::hash>(asked.args[1]);
  std::int64_t added = 0;
  for (std::size_t at = 2; at + 1 < asked.args.size(); at += 2) {
    const bool is_new = fields.find(asked.args[at]) == fields.end();
    if (is_new || !same_word(asked.args[0], "HSETNX")) fields[asked.args[at]] = asked.args[at + 1];
    added += is_new ? 1 : 0;
  }
  return same_word(asked.args[0], "HMSET") ? status("OK") : value(added);
}

inline value memory_store::hash_remove(const call& asked) {
  auto* there = find_as<stored::hash>(asked.args[1]);
  std::int64_t removed = 0;
  for (std::size_t at = 2; there != nullptr && at < asked.args.size(); ++at)
    removed += static_cast<std::int64_t>(there->erase(asked.args[at]));
  return removed;
}

inline value memory_store::hash_increment(const call& asked) {
  const auto* there = find_as<stored::hash>(asked.args[1]);
  const auto* field = there == nullptr || there->find(asked.args[2]) == there->end()
                          ? nullptr
                          : &there->find(asked.args[2])->second;
  const auto held = field == nullptr ? 0 : stored::integer_of(*field);
  const auto step = stored::integer_of(asked.args[3]);
  if (!held || !step) return error("ERR hash value is not an integer");
  make<stored::hash>(asked.args[1])[asked.args[2]] = std::to_string(*held + *step);
  return *held + *step;
}

inline value memory_store::hash_exists(const call& asked) {
  const auto* there = find_as<stored::hash>(asked.args[1]);
  return there == nullptr ? 0 : there->count(asked.args[2]);
}

// --- sets

inline value memory_store::set_add(const call& asked) {
  auto& there = make<stored::members>(asked.args[1]);
  std::int64_t added = 0;
  for (std::size_t at = 2; at < asked.args.size(); ++at) added += there.insert(asked.args[at]).second ? 1 : 0;
  return added;
}

inline value memory_store::set_remove(const call& asked) {
  auto* there = find_as<stored::members>(asked.args[1]);
  std::int64_t removed = 0;
  for (std::size_t at = 2; there != nullptr && at < asked.args.size(); ++at)
    removed += static_cast<std::int64_t>(there->erase(asked.args[at]));
  return removed;
}

inline value memory_store::set_members(const call& asked) {
  const auto* there = find_as<stored::members>(asked.args[1]);
  return there == nullptr ? stored::empty_array() : array(std::vector<value>(there->begin(), there->end()));
}

inline value memory_store::set_contains(const call& asked) {
  const auto* there = find_as<stored::members>(asked.args[1]);
  const auto contains = [&](const std::string& member) {
    return there != nullptr && there->count(member) > 0;
  };
  if (same_word(asked.args[0], "SISMEMBER")) return contains(asked.args[2]) ? 1 : 0;
  std::vector<value> found;
  for (std::size_t at = 2; at < asked.args.size(); ++at) found.emplace_back(contains(asked.args[at]) ? 1 : 0);
  return array(std::move(found));
}

// The first ones, so that tests find the same each time.
inline value memory_store::set_random(const call& asked) {
  auto* there = find_as<stored::members>(asked.args[1]);
  const auto count = asked.args.size() > 2 ? stored::integer_of(asked.args[2]) : 1;
  if (!count || *count < 0) return stored::not_an_integer();
  const auto size = there == nullptr ? 0 : std::min<std::ptrdiff_t>(*count, std::ssize(*there));
  std::vector<value> found;
  if (size > 0) {
    const auto end = std::next(there->begin(), size);
    found.assign(there->begin(), end);
    if (same_word(asked.args[0], "SPOP")) there->erase(there->begin(), end);
  }
  if (asked.args.size() > 2) return array(std::move(found));
  return found.empty() ? nil() : found.front();
}

// --- sorted sets

inline value memory_store::sorted_add(const call& asked) {
  std::size_t at = 2;
  bool only_new = false, only_known = false, counts_changed = false;
  for (; at < asked.args.size(); ++at) {
    if (same_word(asked.args[at], "NX"))
      only_new = true;
    else if (same_word(asked.args[at], "XX"))
      only_known = true;
    else if (same_word(asked.args[at], "CH"))
      counts_changed = true;
    else
      break;
  }
  if (at == asked.args.size() || (asked.args.size() - at) % 2 != 0) return stored::syntax_error();
  for (auto score = at; score < asked.args.size(); score += 2)
    if (!stored::score_of(asked.args[score])) return error("ERR value is not a valid float");
  auto& there = make<stored::sorted_set>(asked.args[1]);
  std::int64_t counted = 0;
  for (; at + 1 < asked.args.size(); at += 2) {
    const auto known = there.scores.find(asked.args[at + 1]);
    const bool is_new = known == there.scores.end();
    if (is_new ? only_known : only_new) continue;
    const auto score = *stored::score_of(asked.args[at]);
    counted += is_new || (counts_changed && known->second != score) ? 1 : 0;
    there.put(asked.args[at + 1], score);
  }
  return counted;
}

inline value memory_store::sorted_remove(const call& asked) {
  auto* there = find_as<stored::sorted_set>(asked.args[1]);
  std::int64_t removed = 0;
  for (std::size_t at = 2; there != nullptr && at < asked.args.size(); ++at)
    removed += there->erase(asked.args[at]) ? 1 : 0;
  return removed;
}

inline value memory_store::sorted_score(const call& asked) {
  const auto* there = find_as<stored::sorted_set>(asked.args[1]);
  const auto score = [&](const std::string& member) {
    const auto known =
        there == nullptr ? std::map<std::string, double>::const_iterator() : there->scores.find(member);
    return there == nullptr || known == there->scores.end() ? nil()
                                                            : value(stored::score_text(known->second));
  };
  if (same_word(asked.args[0], "ZSCORE")) return score(asked.args[2]);
  std::vector<value> found;
  for (std::size_t at = 2; at < asked.args.size(); ++at) found.push_back(score(asked.args[at]));
  return array(std::move(found));
}

inline value memory_store::sorted_increment(const call& asked) {
  const auto step = stored::score_of(asked.args[2]);
  if (!step) return error("ERR value is not a valid float");
  auto& there = make<stored::sorted_set>(asked.args[1]);
  const auto known = there.scores.find(asked.args[3]);
  const auto sum = *step + (known == there.scores.end() ? 0 : known->second);
  there.put(asked.args[3], sum);
  return stored::score_text(sum);
}

inline value memory_store::by_rank(const call& asked, bool reversed) {
  const auto first = stored::integer_of(asked.args[2]), last = stored::integer_of(asked.args[3]);
  if (!first || !last) return stored::not_an_integer();
  const auto* there = find_as<stored::sorted_set>(asked.args[1]);
  if (there == nullptr) return stored::empty_array();
  stored::scored_members entries(there->order.begin(), there->order.end());
  if (reversed) std::reverse(entries.begin(), entries.end());
  const auto range = stored::places(*first, *last, entries.size());
  if (!range) return stored::empty_array();
  const auto at = [&](std::size_t place) { return entries.begin() + static_cast<std::ptrdiff_t>(place); };
  return stored::reply_of({at(range->first), at(range->second + 1)},
                          stored::place_of_word(asked, "WITHSCORES", 4).has_value());
}

inline value memory_store::by_score(const call& asked, std::string_view lowest, std::string_view highest,
                                    bool reversed) {
  const auto least = stored::bound_of(lowest), most = stored::bound_of(highest);
  if (!least || !most) return error("ERR min or max is not a float");
  const auto limit = stored::place_of_word(asked, "LIMIT", 4);
  if (limit && *limit + 2 >= asked.args.size()) return stored::syntax_error();
  const auto offset = limit ? stored::integer_of(asked.args[*limit + 1]) : 0;
  const auto count = limit ? stored::integer_of(asked.args[*limit + 2]) : -1;
  if (!offset || !count) return stored::not_an_integer();
  const auto* there = find_as<stored::sorted_set>(asked.args[1]);
  auto inside = there == nullptr ? stored::scored_members() : stored::between(*there, *least, *most);
  if (reversed) std::reverse(inside.begin(), inside.end());
  const auto begin = *offset < 0 ? std::ssize(inside) : std::min<std::ptrdiff_t>(*offset, std::ssize(inside));
  const auto left = std::ssize(inside) - begin;
  const auto size = *count < 0 ? left : std::min<std::ptrdiff_t>(*count, left);
  return stored::reply_of({inside.begin() + begin, inside.begin() + begin + size},
                          stored::place_of_word(asked, "WITHSCORES", 4).has_value());
}

inline value memory_store::sorted_range(const call& asked) {
  const bool reversed = same_word(asked.args[0], "ZREVRANGE") || stored::place_of_word(asked, "REV", 4);
  if (stored::place_of_word(asked, "BYLEX", 4)) return stored::syntax_error();
  if (!stored::place_of_word(asked, "BYSCORE", 4)) return by_rank(asked, reversed);
  return by_score(asked, asked.args[reversed ? 3 : 2], asked.args[reversed ? 2 : 3], reversed);
}

inline value memory_store::sorted_range_by_score(const call& asked) {
  const bool reversed = same_word(asked.args[0], "ZREVRANGEBYSCORE");
  return by_score(asked, asked.args[reversed ? 3 : 2], asked.args[reversed ? 2 : 3], reversed);
}

inline value memory_store::sorted_count(const call& asked) {
  auto inside = by_score(asked, asked.args[2], asked.args[3], false);
  return inside.kind == SCANHOST_REPLY_ERROR ? inside : value(inside.elements.size());
}

inline value memory_store::sorted_remove_range(const call& asked) {
  const bool ranks = same_word(asked.args[0], "ZREMRANGEBYRANK");
  auto inside = ranks ? by_rank(asked, false) : by_score(asked, asked.args[2], asked.args[3], false);
  if (inside.kind == SCANHOST_REPLY_ERROR) return inside;
  for (const auto& member : inside.elements) find_as<stored::sorted_set>(asked.args[1])->erase(member.text);
  return inside.elements.size();
}

inline value memory_store::sorted_pop(const call& asked) {
  const auto count = asked.args.size() > 2 ? stored::integer_of(asked.args[2]) : 1;
  if (!count || *count < 0) return stored::not_an_integer();
  auto* there = find_as<stored::sorted_set>(asked.args[1]);
  std::vector<value> found;
  for (std::int64_t left = *count; left > 0 && there != nullptr && !there->order.empty(); --left) {
    const auto entry =
        same_word(asked.args[0], "ZPOPMIN") ? *there->order.begin() : *std::prev(there->order.end());
    found.insert(found.end(), {value(entry.second), value(stored::score_text(entry.first))});
    there->erase(entry.second);
  }
  return array(std::move(found));
}

// --- lists

inline value memory_store::list_push(const call& asked) {
  auto& there = make<stored::list>(asked.args[1]);
  for (std::size_t at = 2; at < asked.args.size(); ++at)
    if (same_word(asked.args[0], "LPUSH"))
      there.push_front(asked.args[at]);
    else
      there.push_back(asked.args[at]);
  return there.size();
}

inline value memory_store::list_pop(const call& asked) {
  auto* there = find_as<stored::list>(asked.args[1]);
  const auto count = asked.args.size() > 2 ? stored::integer_of(asked.args[2]) : 1;
  if (!count || *count < 0) return stored::not_an_integer();
  if (there == nullptr) return nil();
  const bool left = same_word(asked.args[0], "LPOP");
  std::vector<value> found;
  while (!there->empty() && std::ssize(found) < *count) {
    found.emplace_back(left ? there->front() : there->back());
    if (left)
      there->pop_front();
    else
      there->pop_back();
  }
  if (asked.args.size() > 2) return array(std::move(found));
  return found.empty() ? nil() : found.front();
}

inline value memory_store::list_range(const call& asked) {
  const auto first = stored::integer_of(asked.args[2]), last = stored::integer_of(asked.args[3]);
  if (!first || !last) return stored::not_an_integer();
  const auto* there = find_as<stored::list>(asked.args[1]);
  const auto range = there == nullptr ? std::nullopt : stored::places(*first, *last, there->size());
  std::vector<value> found;
  for (auto at = range ? range->first : 0; range && at <= range->second; ++at)
    found.emplace_back((*there)[at]);
  return array(std::move(found));
}

inline value memory_store::list_index(const call& asked) {
  const auto at = stored::integer_of(asked.args[2]);
  if (!at) return stored::not_an_integer();
  const auto* there = find_as<stored::list>(asked.args[1]);
  const auto size = there == nullptr ? 0 : std::ssize(*there);
  const auto place = *at < 0 ? *at + size : *at;
  return place < 0 || place >= size ? nil() : value((*there)[static_cast<std::size_t>(place)]);
}

inline value memory_store::list_remove(const call& asked) {
  const auto count = stored::integer_of(asked.args[2]);
  if (!count) return stored::not_an_integer();
  auto* there = find_as<stored::list>(asked.args[1]);
  if (there == nullptr) return 0;
  const auto most = *count == 0 ? std::ssize(*there) : std::abs(*count);
  if (*count < 0) std::reverse(there->begin(), there->end());
  std::int64_t removed = 0;
  std::erase_if(*there, [&](const std::string& element) {
    if (element != asked.args[3] || removed >= most) return false;
    ++removed;
    return true;
  });
  if (*count < 0) std::reverse(there->begin(), there->end());
  return removed;
}

inline value memory_store::list_trim(const call& asked) {
  const auto first = stored::integer_of(asked.args[2]), last = stored::integer_of(asked.args[3]);
  if (!first || !last) return stored::not_an_integer();
  auto* there = find_as<stored::list>(asked.args[1]);
  if (there == nullptr) return status("OK");
  const auto range = stored::places(*first, *last, there->size());
  stored::list kept;
  for (auto at = range ? range->first : 0; range && at <= range->second; ++at) kept.push_back((*there)[at]);
  *there = std::move(kept);
  return status("OK");
}

}  // namespace scanhost::inline v1_0::testing
