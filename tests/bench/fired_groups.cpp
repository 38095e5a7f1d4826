// SPDX-License-Identifier: Apache-2.0
#include "bench/fired_groups.hpp"

#include <string>

#include "demo/dice.hpp"
#include "demo/execution.hpp"
#include "demo/keys.hpp"
#include "demo/workload.hpp"
#include "demo/world.hpp"

namespace scanhost::bench {
namespace {

// The call of a group that has to be cancelled is one of many; that of the others is all there is to do.
constexpr std::size_t siblings_in_group(siblings state) { return state == siblings::running ? 8 : 2; }

void set_state(const demo::execution& sibling, std::size_t number, std::int64_t now_ms) {
  const auto later = now_ms + 3'600'000;
  const auto before = now_ms - 1000;
  switch (number) {
    case 0:
      sibling.finish("success", before);
      break;
    case 1:
    case 2:
      sibling.activate(later);
      break;
    case 3:
      sibling.suspend("fail", later, before);
      break;
    case 4:
      sibling.block(demo::block_reason::dependencies, before);
      break;
    default:  // created, and eligible
      break;
  }
}

std::string add_sibling(demo::world& w, demo::dice& chance, const demo::execution& child, std::size_t number,
                        std::int64_t now_ms) {
  demo::execution sibling(w, chance, static_cast<std::uint32_t>(child.partition), now_ms);
  sibling.flow = child.flow;
  sibling.create();
  set_state(sibling, number, now_ms);
  return sibling.id;
}

demo::world fired_group(siblings state, std::uint32_t partition, std::int64_t now_ms, demo::dice& chance) {
  demo::world w;
  demo::execution child(w, chance, partition, now_ms);
  child.flow = chance.uuid();
  const auto count = siblings_in_group(state);
  std::string ids;
  for (std::size_t number = 0; number < count; ++number)
    ids.append(ids.empty() ? "" : "|")
        .append(add_sibling(w, chance, child, state == siblings::ended ? 0 : number, now_ms));
  w.set(demo::key_of("ff:flow", child.tag, child.flow, "edgegroup:" + child.id),
        {{"policy_variant", "any_of"},
         {"on_satisfied", "cancel_remaining"},
         {"k", "0"},
         {"n", static_cast<std::int64_t>(count) + 1},
         {"succeeded", "1"},
         {"failed", "0"},
         {"skipped", "0"},
         {"group_state", "satisfied"},
         {"created_at", now_ms - 60'000},
         {"satisfied_at", now_ms - 1000},
         {"cancel_siblings_pending_flag", "true"},
         {"cancel_siblings_reason", "sibling_quorum_satisfied"},
         {"cancel_siblings_pending_members", ids}});
  w.join(demo::index_key(child.tag, "pending_cancel_groups"), child.flow + "|" + child.id);
  return w;
}

}  // namespace

void add_fired_groups(siblings state, std::size_t executions, std::int64_t now_ms,
                      std::vector<command>& commands) {
  demo::dice chance(20'260'101);
  for (std::size_t group = 0; group * siblings_in_group(state) < executions; ++group) {
    const auto partition = static_cast<std::uint32_t>(group % demo::flow_partitions);
    demo::commands_for(fired_group(state, partition, now_ms, chance), commands);
  }
}

}  // namespace scanhost::bench
