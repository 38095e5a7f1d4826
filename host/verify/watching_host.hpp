// SPDX-License-Identifier: Apache-2.0
//
// The host that a plugin meets in a check: it answers from a script, lends replies that cannot be read too
// late unseen, and tells the witness each rule of the headers that the plugin breaks.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "config/description.hpp"
#include "plugin/probe_host.hpp"
#include "scanhost/scanhost.h"
#include "scanhost/testing/answer.hpp"
#include "verify/lent.hpp"
#include "verify/reply_memory.hpp"
#include "verify/witness.hpp"

namespace scanhost::verify {

inline constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

// How this host behaves.
struct behaviour {
  testing::answer_to answers;
  // How many candidates the page of a pass (from 0) may act on; 0: stop.
  std::function<std::uint32_t(std::uint32_t page)> turns;
  std::size_t beyond = 0;  // bytes by which its structs are longer than this ABI says, at most 256
  bool plausible = true;   // its answers are such as a server would give: counts made of them are judged
  std::size_t cancel_after = never;  // answers, after which all scans are cancelled
};

// One scan, and what is known of it.
struct open_scan {
  partition where;
  lent_partition lent;
  std::vector<lent_replies> batches;
  struct pass {
    std::uint32_t pages = 0;
    std::uint32_t allowance = 0;
    bool refused = false;
  };
  std::map<std::uint32_t, pass> passes;
  std::size_t pending = 0;   // callbacks still to come
  std::size_t calls = 0;     // commands it sent
  std::size_t failed = 0;    // of those, how many were answered by an error of any kind
  std::size_t unknown = 0;   // of those, how many the models of a store do not know
  bool inside_call = false;  // the plugin's scan() is on the stack
  bool cancelled = false;
  bool over = false;
  bool gave_up = false;  // ended with fail()
  std::string failure = {};
  scanhost_result result = {};

  scanhost_scan* handle() noexcept { return reinterpret_cast<scanhost_scan*>(this); }
};

class watching_host {
 public:
  enum class phase { none, create, cycle, scan, destroy };

  // All of them have to outlive it. It belongs to the thread that makes it.
  watching_host(const config::description& plugin, behaviour how, reply_memory& memory, witness& tells);
  ~watching_host();
  watching_host(const watching_host&) = delete;
  watching_host& operator=(const watching_host&) = delete;

  const scanhost_host* table() const noexcept;
  void enter(phase now) noexcept { phase_ = now; }

  open_scan& open(std::uint32_t index, std::uint32_t flags, std::uint64_t cycle);
  void cancel_all();
  void drop_all();  // before destroy: what waits is forgotten, what was lent is given back

  void forget_finished();

  // The next thing that waits, of any scan, but in order within each; false: nothing waits. The call into the
  // plugin may throw what the plugin throws.
  bool deliver();
  bool waiting() const noexcept { return !events_.empty(); }
  std::size_t answers() const noexcept { return answers_; }

  const std::vector<std::unique_ptr<open_scan>>& scans() const noexcept { return scans_; }
  std::uint32_t partitions() const noexcept;

 private:
  struct block;
  struct services;  // the functions behind the tables
  friend struct services;
  struct event {
    open_scan* scan;
    std::int64_t due_ms;  // timers; 0: at once
    std::function<void()> call;
  };

  void make_tables();
  bool here(const char* service);
  open_scan* in_scan(scanhost_scan* scan, const char* service);
  bool take(open_scan& scan, const scanhost_command* commands, std::size_t count, std::size_t stride,
            std::vector<testing::call>& calls);
  bool take_one(open_scan& scan, const std::byte* at, std::vector<testing::call>& calls);
  testing::answer answer(open_scan& scan, const testing::call& asked);
  const scanhost_replies* lend_answers(open_scan& scan, const std::vector<testing::call>& asked);
  std::uint32_t allowance(open_scan& scan, std::uint32_t pass);
  void watch_turns(const open_scan& scan, std::uint32_t pass, std::uint32_t acted);
  void wait(open_scan& scan, std::int64_t due_ms, std::function<void()> call);
  void count_answer();
  void release(open_scan& scan);
  void end(open_scan& scan);
  std::size_t next_event();

  const config::description& plugin_;
  behaviour how_;
  reply_memory& memory_;
  witness& tells_;
  std::unique_ptr<plugin::probe_host> settings_;  // options and names, as in a probe
  std::unique_ptr<block> block_;
  std::vector<std::unique_ptr<open_scan>> scans_;
  std::deque<event> events_;
  std::minstd_rand chance_;  // the same order each time
  std::int64_t now_ms_ = 1'700'000'000'000;
  std::size_t answers_ = 0;
  std::size_t answers_at_cancel_ = never;
  phase phase_ = phase::none;
  int thread_;
};

}  // namespace scanhost::verify
