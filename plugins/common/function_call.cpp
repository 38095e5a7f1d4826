// SPDX-License-Identifier: Apache-2.0
//
// Calls that more than one scanner makes.
#include "common/function_call.hpp"

#include <array>

namespace ff {

scanhost::command expire_execution_call(std::string_view tag, std::string_view id, std::string_view lane,
                                        std::string_view attempt_index, std::string_view reason) {
  const execution_keys keys(tag, id);
  const std::array call_keys = {keys.core(),
                                keys.attempt(attempt_index),
                                keys.stream_meta(attempt_index),
                                keys.lease_current(),
                                keys.lease_history(),
                                index_key(tag, "lease_expiry"),
                                worker_leases_key(tag, ""),
                                lane_key(tag, lane, "active"),
                                lane_key(tag, lane, "terminal"),
                                index_key(tag, "attempt_timeout"),
                                index_key(tag, "execution_deadline"),
                                lane_key(tag, lane, "suspended"),
                                index_key(tag, "suspension_timeout"),
                                keys.suspension()};
  return function_call("ff_expire_execution", call_keys, id, reason);
}

}  // namespace ff
