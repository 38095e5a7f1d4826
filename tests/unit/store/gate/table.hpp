// SPDX-License-Identifier: Apache-2.0
//
// A part of the reply to COMMAND, for tests of the gate.
#pragma once

#include "unit/store/replies.hpp"

namespace scanhost::store {

inline reply_tree no_elements() { return reply_tree(std::initializer_list<reply_tree>{}); }
inline reply_tree list_of(reply_tree element) {
  return reply_tree(std::initializer_list<reply_tree>{std::move(element)});
}

// The key at `index`, and those up to `last` behind it.
inline reply_tree key_at(int index, const char* access, int last = 0) {
  return list_of(
      {"flags", list_of(access), "begin_search",
       reply_tree{"type", "index", "spec", reply_tree{"index", index}}, "find_keys",
       reply_tree{"type", "range", "spec", reply_tree{"lastkey", last, "keystep", 1, "limit", 0}}});
}

inline reply_tree entry_of(const char* name, reply_tree flags, reply_tree keys,
                           reply_tree subcommands = no_elements()) {
  return {name,
          1,
          std::move(flags),
          0,
          0,
          0,
          no_elements(),
          no_elements(),
          std::move(keys),
          std::move(subcommands)};
}

inline reply_tree table_of_commands() {
  const auto readonly = [] { return list_of("readonly"); };
  const auto incomplete = list_of({"flags", list_of("incomplete"), "begin_search",
                                   reply_tree{"type", "unknown", "spec", no_elements()}, "find_keys",
                                   reply_tree{"type", "unknown", "spec", no_elements()}});
  return reply_tree(std::initializer_list<reply_tree>{
      entry_of("get", readonly(), key_at(1, "RO")), entry_of("mget", readonly(), key_at(1, "RO", -1)),
      entry_of("scan", readonly(), no_elements()), entry_of("pfcount", readonly(), key_at(1, "RW", -1)),
      entry_of("set", list_of("write"), key_at(1, "OW")),
      entry_of("flushall", list_of("write"), no_elements()),
      entry_of("publish", list_of("pubsub"), no_elements()), entry_of("sort", list_of("write"), incomplete),
      entry_of("object", no_elements(), no_elements(),
               list_of(entry_of("object|freq", readonly(), key_at(2, "RO"))))});
}

}  // namespace scanhost::store
