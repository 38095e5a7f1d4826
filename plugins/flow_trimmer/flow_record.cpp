// SPDX-License-Identifier: Apache-2.0
#include "flow_trimmer/flow_record.hpp"

#include <algorithm>
#include <utility>

#include "common/keys.hpp"

namespace ff {
namespace {

std::uint64_t number(const scanhost::reply& field) {
  return scanhost::parse_integer<std::uint64_t>(field.text()).value_or(0);
}

}  // namespace

scanhost::command read_flow(std::string_view tag, std::string_view id) {
  scanhost::command read("HMGET", flow_keys(tag, id).core(), "public_flow_state", "last_mutation_at",
                         "created_at", "cancelled_at", "node_count", "flow_id");
  return std::move(read.route(tag).about(id));
}

flow_record flow_of(const scanhost::outcome& core) {
  flow_record flow;
  for (std::size_t field = 0; field < 6; ++field) flow.exists = flow.exists || core[field].is_text();
  flow.state = core[0].text();
  flow.changed = core[1].text();
  const auto latest = std::max({number(core[1]), number(core[2]), number(core[3])});
  if (latest > 0) flow.last_change = latest;
  flow.had_members = number(core[4]) > 0;
  return flow;
}

}  // namespace ff
