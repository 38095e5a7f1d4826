// SPDX-License-Identifier: Apache-2.0
//
// One life of an instance under watch: create, cycles of scans, destroy. Every call into the plugin goes
// through here, so that an exception that comes out of one is told, and ends the check.
#pragma once

#include <string>

#include "plugin/descriptor.hpp"
#include "verify/strict_host.hpp"
#include "verify/witness.hpp"

namespace scanhost::verify {

class trial {
 public:
  trial(const plugin::checked_descriptor& plugin, behaviour how, reply_memory& memory, witness& tells);
  ~trial() = default;  // without destroy(): an instance that is not ended is left
  trial(const trial&) = delete;
  trial& operator=(const trial&) = delete;

  void create();  // what it says against it is told, and ends the check
  void begin_cycle();
  void start(std::uint32_t index, std::uint32_t flags = 0);
  bool step();  // one answer
  void run();   // until nothing waits; a scan that is open then is told
  void end_cycle();
  void destroy();

  // A cycle over some partitions.
  void cycle(std::uint32_t flags = 0);
  // The same with its scans only begun: to be run, stepped, or dropped.
  void begin_scans(std::uint32_t flags = 0);

  // As if they had never been, for a life of many cycles.
  void forget_finished() { host_.forget_finished(); }

  strict_host& host() noexcept { return host_; }

 private:
  template <class Call>
  auto inside(const std::string& step, Call call);
  void tell_status(scanhost_status status, const char* entry, const std::string& message);

  const plugin::checked_descriptor& plugin_;
  strict_host host_;
  witness& tells_;
};

}  // namespace scanhost::verify
