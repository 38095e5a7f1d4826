// SPDX-License-Identifier: Apache-2.0
//
// What the child of a check reports while it runs, and also when it crashes, hangs, or its
// plugin ends the process. One in a process.
#pragma once

#include <initializer_list>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/description.hpp"
#include "plugin/child_side.hpp"
#include "verify/exercise.hpp"
#include "verify/fault.hpp"
#include "verify/observed_commands.hpp"
#include "verify/reply_memory.hpp"

namespace scanhost::verify {

class witness {
 public:
  // From now on fatal signals, the end of the process and the end of `limit` are reported with the step.
  explicit witness(base::milliseconds limit);
  witness(const witness&) = delete;
  witness& operator=(const witness&) = delete;

  // A forbidden access to this memory becomes a finding. Null: there is no such memory.
  void watch(const reply_memory* memory) noexcept;

  // "in the scan of {shard:1}": where a finding, a crash or a hang happened. Valid until the next step.
  void step(std::string_view what);
  std::string step() const;

  // Only these faults and exceptions are reported; other checks report the others.
  void look_for(std::initializer_list<fault> kinds) { of_interest_ = kinds; }

  // Any thread. Reports each fault once in this check, with the step.
  void found(fault kind, const std::string& what);
  void found(const plugin::load_error& refused, std::string_view name);
  void describe(const config::description& description);
  void exercised(const exercise& seen);
  void sent(const observed_commands& seen);  // the same is reported once
  std::size_t count() const;

  // The last report; ends the process without exit handlers, since the plugin may have left some.
  [[noreturn]] void end();

 private:
  void say(const finding& finding);

  plugin::child_report out_;
  mutable std::mutex mutex_;
  std::string step_;
  std::set<std::string> seen_;
  std::set<std::string> sent_;   // lines
  std::set<fault> of_interest_;  // empty: all
};

}  // namespace scanhost::verify
