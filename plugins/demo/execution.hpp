// SPDX-License-Identifier: Apache-2.0
//
// An execution with all the fields and keys that the engine gives one, in each of its states.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dice.hpp"
#include "world.hpp"

namespace scanhost::demo {

// Who an execution is: what does not depend on its state.
struct execution {
  std::uint32_t partition = 0;
  std::string tag;  // {fp:7}
  std::string id;   // {fp:7}:<uuid>
  std::string lane;
  std::string flow;  // empty: solo
  std::string worker;
  std::string instance;
  std::string attempt_id;
  std::string lease_id;
  std::string suspension_id;
  std::string waitpoint_id;
  std::int64_t priority = 0;
  std::int64_t epoch = 1;
  std::int64_t attempt = 0;     // index of the current or last attempt
  std::int64_t created_at = 0;  // ms
  std::int64_t claimed_at = 0;  // ms; after created_at, before now

  std::string core() const;
  std::string key(std::string_view part) const;    // ff:exec:<tag>:<id>:<part>
  std::string index(std::string_view name) const;  // ff:idx:<tag>:<name>
  std::string lane_index(std::string_view name) const;
  std::string attempt_hash() const;
  std::string output_meta() const;  // of the attempt's output stream
  std::string waitpoint() const;
  std::int64_t eligible_score() const { return -priority * 1'000'000'000'000 + created_at; }
};

// An execution that was created some minutes to hours before `now`.
execution make_execution(dice& chance, std::uint32_t partition, std::int64_t now);

// The record as it is created, and all that belongs to it; every further state builds on this one.
void write_created(world& w, const execution& e, dice& chance);

// Runnable states.
void make_eligible(world& w, const execution& e);
enum class delay { at_creation, retry, by_worker };
void make_delayed(world& w, const execution& e, delay why, std::int64_t until, dice& chance);
enum class block { budget, quota, route, operator_hold, dependencies };
void make_blocked(world& w, const execution& e, block why, std::int64_t since);

// Active: an attempt under a lease; `expires` is what the last renewal says.
void make_active(world& w, const execution& e, std::int64_t expires, dice& chance);
void mark_lease_expired(world& w, const execution& e, std::int64_t when);  // as an earlier pass did
void revoke_lease(world& w, const execution& e, std::int64_t when);

// Suspended on one waitpoint; `timeout` 0: without.
void make_suspended(world& w, const execution& e, std::string_view behaviour, std::int64_t timeout,
                    std::int64_t since, dice& chance);

// Finished by its worker; `outcome` is a terminal_outcome.
void make_terminal(world& w, const execution& e, std::string_view outcome, std::int64_t when, dice& chance);

// The public label of a terminal outcome.
std::string_view public_state_of(std::string_view outcome);

}  // namespace scanhost::demo
