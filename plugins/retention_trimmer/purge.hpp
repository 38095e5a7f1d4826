// SPDX-License-Identifier: Apache-2.0
//
// Deleting everything that belongs to an execution, as guarded writes on its core.
#pragma once

#include <cstdint>
#include <scanhost/reply.hpp>
#include <scanhost/services.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace ff {

// An execution as it was read: a purge goes on only while its core is still like this.
struct purged_execution {
  std::string tag;
  std::string id;
  std::string terminal_index;
  std::string phase;         // text of the field; empty where it is absent
  std::string completed_at;  // text of the field; empty where it is absent
  std::uint32_t attempts = 0;
  std::string flow = {};  // whose edge group of this execution goes, too; empty: none does
};

// Its other keys, in the order in which they are deleted. What hangs on edges, waitpoints and signals comes
// from the members of those three keys.
std::vector<std::string> keys_to_purge(const purged_execution& execution, const scanhost::reply& edges,
                                       const scanhost::reply& waitpoints, const scanhost::reply& signals);

// The writes of a purge, to be sent in this order: keys in chunks; then core, policy and entries of the
// indexes. One write where all fit one chunk. Each answers 1, or 0 when the core has changed.
std::vector<scanhost::command> purge_writes(const scanhost::services& host, const purged_execution& execution,
                                            const std::vector<std::string>& keys);

// The same for an execution whose core is gone: all its other keys, the policy too. What attempts it had, the
// members of that key say.
std::vector<std::string> keys_left_over(const purged_execution& execution, const scanhost::reply& attempts,
                                        const scanhost::reply& edges, const scanhost::reply& waitpoints,
                                        const scanhost::reply& signals);

// The writes that delete them, and then the entries of the indexes. Each answers 1, or 0 when there is a
// core.
std::vector<scanhost::command> leftover_writes(const scanhost::services& host,
                                               const purged_execution& execution,
                                               const std::vector<std::string>& keys);

// For an entry without a completion time: removes it from the terminal index, and from `all_executions` where
// the core is gone.
scanhost::command stale_terminal_write(const scanhost::services& host, const purged_execution& execution);

}  // namespace ff
