// SPDX-License-Identifier: Apache-2.0
//
// What the child of a check says while it runs, also where it can say no more: when it crashes, hangs, or its
// plugin ends the process. One for a process.
#pragma once

#include <initializer_list>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/description.hpp"
#include "plugin/child_side.hpp"
#include "verify/fault.hpp"
#include "verify/reply_memory.hpp"

namespace scanhost::verify {

class witness {
 public:
  // From now on fatal signals, the end of the process and the passing of `limit` are reported with the step.
  explicit witness(base::milliseconds limit);
  witness(const witness&) = delete;
  witness& operator=(const witness&) = delete;

  // An access to this memory that is none of the plugin's business becomes a finding. Null: none.
  void watch(const reply_memory* memory) noexcept;

  // "in the scan of {shard:1}": where a finding, a crash or a hang is. It stays until the next.
  void step(std::string_view what);
  std::string step() const;

  // Other faults than these, and exceptions, are for other checks to tell.
  void look_for(std::initializer_list<fault> kinds) { of_interest_ = kinds; }

  // Any thread. Each fault of this check once; the step is added to it.
  void found(fault kind, const std::string& what);
  void found(const plugin::load_error& refused, std::string_view name);
  void describe(const config::description& description);
  std::size_t count() const;

  // The last that is said; ends the process without exit handlers, of which the plugin may have left some.
  [[noreturn]] void end();

 private:
  void say(const finding& finding);

  plugin::child_report out_;
  mutable std::mutex mutex_;
  std::string step_;
  std::set<std::string> seen_;
  std::set<fault> of_interest_;  // empty: all
};

}  // namespace scanhost::verify
