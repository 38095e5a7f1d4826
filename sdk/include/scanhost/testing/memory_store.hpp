// SPDX-License-Identifier: Apache-2.0
//
// A store with data for tests: strings, hashes, sets, sorted sets, lists and streams with consumer groups,
// with expiry, cursors that honour COUNT, and ranges that honour LIMIT and COUNT. So a test sees what becomes
// of the data when a scanner has run:
//
//   memory_store store;
//   store.run("ZADD", "carts:{shard:3}:by_touch", 1, "old", 4102444800000, "fresh");
//   fake_host host(*scanhost_plugin_entry());
//   host.use(store);
//   host.scan(3);
//   EXPECT_EQ(store.run("ZCARD", "carts:{shard:3}:by_touch").number, 1);
//
// Scripts and functions are not interpreted. What one does is declared: by default it removes the item that
// the call acts on from the index that it was read from, and answers 1; decide() says otherwise for a call.
// An own rule of the fake host (`host.on("FCALL finish", ...)`) goes before the store.
//
// Not modelled: transactions, pub/sub, blocking forms, bit and geo commands, HyperLogLogs, modules, and the
// sub-commands and rare arguments that memory_store::ask answers with an error.
#pragma once

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../text.hpp"
#include "answer.hpp"
#include "stored_values.hpp"

namespace scanhost::inline v1_0::testing {

inline bool same_word(std::string_view left, std::string_view other) {
  if (left.size() != other.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (std::toupper(static_cast<unsigned char>(left[i])) !=
        std::toupper(static_cast<unsigned char>(other[i])))
      return false;
  return true;
}

// What a script, a function or another acting call does.
enum class effect {
  removes_item,  // what it declares to do; a plain command such as ZREM is carried out
  keeps_item,    // nothing is changed; the reply is 0
  fails          // nothing is changed; the reply is an error
};

class memory_store {
 public:
  using values = std::vector<std::string>;

  // What a key of a command has to hold.
  enum class type { any, text, hash, members, list, sorted_set, stream, none };

  // Carries a command out. An unknown command, a wrong number of arguments and a key that holds another type
  // are answered by the error that a server would give.
  answer ask(const call& asked);

  // The same for tests: run("ZADD", key, 1, "a"). Numbers are written as decimal digits.
  template <class... Words>
  value run(const Words&... words) {
    return run(values{word_of(words)...});
  }
  value run(values words) {
    call asked;
    asked.args = std::move(words);
    return ask(asked).reply;
  }

  // Decides what the calls that act, scripts and functions do. Without it, each removes its item.
  void decide(std::function<effect(const call&)> rule) { decide_ = std::move(rule); }

  // The time of the server: what has expired by it is gone. use() of the fake host keeps it.
  void set_now(timestamp now) noexcept { now_ms_ = to_ms(now); }

  bool contains(const std::string& key) { return find(key) != nullptr; }
  std::size_t size() const noexcept { return keys_.size(); }
  void clear();  // all keys, and what is known of the items that were read

  // True, as on a server: a set, hash or sorted set of up to 128 elements is offered whole by its cursor,
  // whatever COUNT says. False: COUNT holds, so that small collections are walked in pages too.
  void offer_small_collections_whole(bool whole) noexcept { whole_collections_ = whole; }

  // --- about commands, without data

  static bool knows(std::string_view name);
  // Whether it may change data; scripts and functions may, but for the read-only forms and those without
  // keys.
  static bool changes(const call& asked);
  static bool is_script(std::string_view name);
  // The type of the keys that it reads or writes; none: it has no keys, or is not known.
  static type type_of(std::string_view name);
  static values keys_of(const call& asked);
  // Whether the command offers elements of a collection, or keys, that a scan may walk.
  static bool offers(std::string_view name);

 private:
  // NOLINTNEXTLINE(bugprone-exception-escape): the moves of its containers throw nothing
  struct stored_key {
    stored::content held;
    std::optional<std::int64_t> expires_ms = {};
  };
  struct row {
    std::size_t min_args;  // with the name
    type keys;
    bool writes;
    bool reads_collection;
    value (memory_store::*run)(const call&);
  };

  static const std::map<std::string, row, std::less<>>& table();
  static const row* find_row(std::string_view name);
  static std::string word_of(std::string_view word) { return std::string(word); }
  template <class Number>
  requires std::is_arithmetic_v<Number>
  static std::string word_of(Number number) {
    if constexpr (std::is_integral_v<Number>)
      return std::to_string(number);
    else
      return stored::score_text(number);
  }

  value carry_out(const call& asked);
  value act_by_declaration(const call& asked);
  std::int64_t remove_item(const call& asked);
  bool erase_element(const std::string& key, const std::string& element);
  void note_offered(const call& asked, const value& reply);

  // --- keys
  stored_key* find(const std::string& key);
  template <class Content>
  Content* find_as(const std::string& key);
  template <class Content>
  Content& make(const std::string& key);
  void drop_if_empty(const std::string& key);
  template <class Elements, class Name, class Add>
  value walk(const call& asked, std::size_t cursor_at, const Elements& elements, Name name, Add add);
  value remove_keys(const call& asked);
  value exists(const call& asked);
  value type_command(const call& asked);
  value time_to_live(const call& asked);
  value expire(const call& asked);
  value persist(const call& asked);
  value keys(const call& asked);
  value scan(const call& asked);
  value key_count(const call& asked);
  value time(const call& asked);
  value ping(const call& asked);
  value publish(const call& asked);
  value memory(const call& asked);
  value script(const call& asked);

  // --- strings
  value get(const call& asked);
  value get_all(const call& asked);
  value set(const call& asked);
  value increment(const call& asked);
  value length(const call& asked);

  // --- hashes
  value hash_get(const call& asked);
  value hash_get_all(const call& asked);
  value hash_fields(const call& asked);
  value hash_set(const call& asked);
  value hash_remove(const call& asked);
  value hash_increment(const call& asked);
  value hash_exists(const call& asked);

  // --- sets
  value set_add(const call& asked);
  value set_remove(const call& asked);
  value set_members(const call& asked);
  value set_contains(const call& asked);
  value set_random(const call& asked);

  // --- sorted sets
  value sorted_add(const call& asked);
  value sorted_remove(const call& asked);
  value sorted_score(const call& asked);
  value sorted_increment(const call& asked);
  value sorted_range(const call& asked);
  value sorted_range_by_score(const call& asked);
  value sorted_count(const call& asked);
  value sorted_remove_range(const call& asked);
  value sorted_pop(const call& asked);
  value by_rank(const call& asked, bool reversed);
  value by_score(const call& asked, std::string_view lowest, std::string_view highest, bool reversed);

  // --- lists
  value list_push(const call& asked);
  value list_pop(const call& asked);
  value list_range(const call& asked);
  value list_index(const call& asked);
  value list_remove(const call& asked);
  value list_trim(const call& asked);

  // --- streams
  value stream_add(const call& asked);
  value stream_range(const call& asked);
  value stream_remove(const call& asked);
  value stream_trim(const call& asked);
  value stream_group(const call& asked);
  value stream_acknowledge(const call& asked);
  value stream_pending(const call& asked);
  value pending_range(const call& asked, const stored::consumer_group& group) const;
  value stream_claim(const call& asked);
  value stream_auto_claim(const call& asked);
  value stream_info(const call& asked);
  value stream_read_group(const call& asked);

  value cardinality(const call& asked);  // of any collection
  value walk_collection(const call& asked);

  std::map<std::string, stored_key> keys_;
  std::map<std::pair<std::string, std::string>, std::set<std::string>> offered_;  // tag and item: from where
  std::function<effect(const call&)> decide_;
  std::int64_t now_ms_ = 0;
  bool whole_collections_ = false;
};

}  // namespace scanhost::inline v1_0::testing

#include "detail/memory_store.ipp"
#include "detail/memory_store_collections.ipp"
#include "detail/memory_store_streams.ipp"
