// SPDX-License-Identifier: Apache-2.0
#include "common/function_call.hpp"

#include <array>
#include <cstdint>
#include <scanhost/scanner.hpp>
#include <utility>

#include "common/ids.hpp"

namespace ff {
namespace {

// An unset waitpoint id is replaced by a fresh one, so that the waitpoint's keys name nothing.
std::string waitpoint_of(const scanhost::reply& field) {
  return canonical(parse_uuid(field.text()).value_or(random_uuid()));
}

}  // namespace

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

scanhost::command read_for_cancel(std::string_view tag, std::string_view id) {
  scanhost::command read("HMGET", execution_keys(tag, id).core(), "lane_id", "current_attempt_index",
                         "current_waitpoint_id", "current_worker_instance_id");
  return std::move(read.route(tag).about(id));
}

scanhost::command cancel_execution_call(std::string_view tag, std::string_view id,
                                        const scanhost::reply& core, std::string_view reason,
                                        scanhost::timestamp due) {
  const std::string lane(core[0].optional_text().value_or("default"));
  const auto attempt = std::to_string(scanhost::parse_integer<std::uint32_t>(core[1].text()).value_or(0));
  const auto waitpoint = waitpoint_of(core[2]);
  const execution_keys keys(tag, id);
  const std::array call_keys = {keys.core(),
                                keys.attempt(attempt),
                                keys.stream_meta(attempt),
                                keys.lease_current(),
                                keys.lease_history(),
                                index_key(tag, "lease_expiry"),
                                worker_leases_key(tag, core[3].text()),
                                keys.suspension(),
                                waitpoint_key(tag, waitpoint),
                                condition_key(tag, waitpoint),
                                index_key(tag, "suspension_timeout"),
                                lane_key(tag, lane, "terminal"),
                                index_key(tag, "attempt_timeout"),
                                index_key(tag, "execution_deadline"),
                                lane_key(tag, lane, "eligible"),
                                lane_key(tag, lane, "delayed"),
                                lane_key(tag, lane, "blocked:dependencies"),
                                lane_key(tag, lane, "blocked:budget"),
                                lane_key(tag, lane, "blocked:quota"),
                                lane_key(tag, lane, "blocked:route"),
                                lane_key(tag, lane, "blocked:operator")};
  auto call = function_call("ff_cancel_execution", call_keys, id, reason, "operator_override", "", "");
  return std::move(call.route(tag).acts(id, due));
}

}  // namespace ff
