// SPDX-License-Identifier: Apache-2.0
//
// An execution in the world of its record, with all fields and keys that the engine gives it in each state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dice.hpp"
#include "keys.hpp"
#include "world.hpp"

namespace scanhost::demo {

enum class delay_reason { at_creation, retry };
enum class block_reason { budget, quota, route, operator_hold, dependencies };

// The seven dimensions of an execution's state, and the label derived from them.
struct state_vector {
  std::string_view phase, ownership, eligibility, reason, outcome;
  std::string_view attempt;  // empty: stays as it is
  std::string_view label;
};

struct execution {
  world& w;
  dice& chance;

  // What does not depend on the state.
  std::string tag, id, lane;  // {fp:7}, {fp:7}:<uuid>
  std::string flow;           // empty: it belongs to none
  std::string worker, instance, attempt_id, lease_id, suspension_id, waitpoint_id;
  std::int64_t partition, priority, epoch;
  std::int64_t attempt = 0;             // index of the current or last attempt
  std::int64_t created_at, claimed_at;  // ms, in this order

  // Created some minutes to hours before `now`; it is in the world after create().
  execution(world& record_world, dice& record_chance, std::uint32_t in_partition, std::int64_t now);

  std::string key(std::string_view part) const { return key_of("ff:exec", tag, id, part); }
  std::string core() const { return key("core"); }
  std::string attempt_key(std::string_view part = {}) const {
    return key_of("ff:attempt", tag, id, std::to_string(attempt), part);
  }
  std::string output_key(std::string_view part = {}) const {  // the attempt's output stream
    return key_of("ff:stream", tag, id, std::to_string(attempt), part);
  }
  std::string waitpoint(std::string_view part = {}) const { return key_of("ff:wp", tag, waitpoint_id, part); }
  std::string worker_leases() const { return key_of("ff:idx", tag, "worker", instance, "leases"); }

  // Its entries in the indexes of its partition and of its lane.
  std::string index(std::string_view name) const { return index_key(tag, name); }
  std::string lane_index(std::string_view name) const { return key_of("ff:idx", tag, "lane", lane, name); }
  void enter(std::string_view name, text score) const { w.enter(index(name), id, std::move(score)); }
  void leave(std::string_view name) const { w.leave(index(name), id); }
  void enter_lane(std::string_view name, text score) const {
    w.enter(lane_index(name), id, std::move(score));
  }
  void leave_lane(std::string_view name) const { w.leave(lane_index(name), id); }

  std::string get(std::string_view field) const { return w.get(core(), field); }
  void set(const fields& values) const { w.set(core(), values); }
  void set_each(const text& value, std::initializer_list<const char*> names) const {
    w.set_each(core(), value, names);
  }
  void set_state(const state_vector& now, std::string detail = {}) const;

  // What the engine's own functions write. Each but create() turns a created execution into another state.
  const execution& create() const;
  const execution& delay(delay_reason why, std::int64_t until) const;
  const execution& block(block_reason why, std::int64_t since) const;
  const execution& activate(std::int64_t expires) const;  // under a lease that was last renewed until then
  // On a waitpoint; `timeout` 0: without a limit.
  const execution& suspend(std::string_view behavior, std::int64_t timeout, std::int64_t since) const;
  const execution& finish(std::string_view outcome, std::int64_t when) const;  // by its worker
  std::string write_waitpoint(std::string_view state, std::int64_t since, const text& expires) const;

  // What happens to an execution in the run too, at a moment of it.
  const execution& expire_lease(const text& when) const;
  void release_lease(std::string_view reason, const text& when) const;  // in the lease's history
  void close_output(std::string_view reason, const text& when) const;
  void become_eligible(std::string_view attempt_state) const;
  void end(std::string_view outcome, std::string_view attempt_state, const text& when) const;
  void set_changed(const text& when) const;

 private:
  void claim(const text& changed) const;
  void write_output() const;
  fields own(std::initializer_list<std::string_view> names) const;  // what it knows of itself, by field
  void add_lease_event(std::string_view event, const fields& details, const text& when) const;
};

// What must have become of it: the effects of the server-side functions, written from their contract and
// independently of the library that implements them. `when` is a moment of the run.
void expect_promoted(const execution& e, const text& when = moment());
void expect_cancelled(const execution& e, std::string_view reason, const text& when = moment());
void expect_expired(const execution& e, std::string_view reason, const text& when = moment());
void expect_suspension_ended(const execution& e, std::string_view behavior, const text& when = moment());
void expect_unblocked(const execution& e, const text& when = moment());
void expect_skipped(const execution& e, const text& when = moment());  // an upstream execution failed

}  // namespace scanhost::demo
