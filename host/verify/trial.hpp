// SPDX-License-Identifier: Apache-2.0
//
// One instance from create through cycles of scans to destroy. Every call into the plugin goes
// through here, so that an exception is reported and ends the check.
#pragma once

#include <string>

#include "plugin/descriptor.hpp"
#include "verify/strict_host.hpp"
#include "verify/witness.hpp"

namespace scanhost::verify {

class trial {
 public:
  trial(const subject_plugin& plugin, behaviour how, reply_memory& memory, witness& reports);
  ~trial() = default;  // does not destroy the instance
  trial(const trial&) = delete;
  trial& operator=(const trial&) = delete;

  void create();  // a failure is reported and ends the check
  void begin_cycle();
  void start(std::uint32_t index, std::uint32_t flags = 0);
  bool step();  // one answer
  void run();   // until nothing waits; a scan that is still open then is reported
  void end_cycle();
  void destroy();

  // A cycle over some partitions.
  void cycle(std::uint32_t flags = 0);
  // Has items explained: those that it acted on, and texts that are none. Nothing: it explains no items.
  void explain_items();

  // Only begins the scans of a cycle; they can be run, stepped or dropped.
  void begin_scans(std::uint32_t flags = 0);

  // Forgets all finished scans, to save memory over many cycles.
  void forget_finished() { host_.forget_finished(); }

  strict_host& host() noexcept { return host_; }

 private:
  template <class Call>
  auto inside(const std::string& step, Call call);
  void check_create();
  void explain(const std::string& item, std::uint32_t index);

  const subject_plugin& plugin_;
  strict_host host_;
  witness& reports_;
};

}  // namespace scanhost::verify
