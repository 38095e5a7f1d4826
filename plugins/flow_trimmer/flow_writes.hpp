// SPDX-License-Identifier: Apache-2.0
//
// Deleting all that belongs to a flow, as guarded writes on its core and on the cores of its members.
#pragma once

#include <scanhost/services.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace ff {

// A flow as it was read: the deletion goes on only while its core is still like this.
struct trimmed_flow {
  std::string tag;
  std::string id;
  std::string state;    // text of the field; empty where it is absent
  std::string changed;  // text of the field; empty where it is absent
};

// A member that is purged, and the edges of which it is an end.
struct purged_member {
  std::string id;
  std::vector<std::string> edges = {};
};

// The keys of the flow that belong to this member, edges included.
std::vector<std::string> keys_of_member(const trimmed_flow& flow, const purged_member& member);
// The flow's own keys, without core and members.
std::vector<std::string> keys_of_flow(const trimmed_flow& flow);

// What the writes below answer.
namespace flow_write {
inline constexpr int refused = 0;  // it is wanted again, or owes something: nothing was changed
inline constexpr int done = 1;
inline constexpr int has_members = 2;  // the members are done, but meanwhile there are others: the flow stays
}  // namespace flow_write

// Deletes what belongs to these members, and takes them out of the flow; with the last of them the flow
// itself. To be sent one after the other, the next one only when the last one was done. The guard of each
// holds only while its members are purged, the core is as it was read, and neither the flow nor a group of
// these members waits for cancels.
std::vector<scanhost::command> member_writes(const scanhost::services& host, const trimmed_flow& flow,
                                             const std::vector<purged_member>& members, bool with_flow);

// Deletes one of the keys of a flow that has neither core nor members.
scanhost::command leftover_write(const scanhost::services& host, std::string_view tag, std::string_view flow,
                                 std::string_view key);

}  // namespace ff
