// SPDX-License-Identifier: Apache-2.0
//
// A store with data for a plugin about which nothing is known: it holds what the plugin asks for. The first
// command about a key says what the key holds. A command that walks a collection finds some entries there,
// due long ago, and one that is due far in the future; one that asks for a field or member finds it. From
// then on the key is an ordinary one: what is removed stays removed, until refill().
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>

#include "scanhost/testing/memory_store.hpp"
#include "verify/store_file.hpp"

namespace scanhost::verify {

class invented_store {
 public:
  enum class holds {
    whatever_is_asked_for,
    nothing,
    given  // what given commands wrote, and nothing else
  };

  // `given` has to outlive this store. `entries`: how many of a collection are due.
  invented_store(holds what, const store_commands& given, int entries);

  testing::answer ask(const testing::call& asked);
  void refill();  // as it was at first
  void clear();   // no data at all, until refill()
  void set_now(timestamp now) noexcept;
  void offer_small_collections_whole(bool whole) noexcept { data_.offer_small_collections_whole(whole); }
  void decide(std::function<testing::effect(const testing::call&)> rule) { data_.decide(std::move(rule)); }

 private:
  void invent_for(const testing::call& asked);
  void invent_keyspace(const testing::call& asked);
  void invent_key(const std::string& key, const testing::call& asked);
  void fill(const std::string& key, const testing::call& asked);
  void fill_stream(const std::string& key, const testing::call& asked);
  void add_fields(const std::string& key, const testing::call& asked);
  void add_member(const std::string& key, const testing::call& asked);
  testing::call with_known_item(const testing::call& asked) const;
  bool is_first_time(std::string what) { return invented_.insert(std::move(what)).second; }

  testing::memory_store data_;
  const holds holds_;
  const store_commands& given_;
  const int entries_;
  timestamp now_{};
  std::set<std::string> keys_;     // that were asked for
  std::set<std::string> untyped_;  // of these, those that no command gave a type yet
  std::set<std::string> open_;     // collections that have every member that is asked for
  std::set<std::string> invented_;
  std::set<std::string> elements_;  // names of entries
};

}  // namespace scanhost::verify
