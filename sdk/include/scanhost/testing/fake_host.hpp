// SPDX-License-Identifier: Apache-2.0
//
// A host for tests: it drives a plugin through its descriptor, with scripted replies, a clock that the
// test turns, and no server, thread or socket.
//
//   fake_host host(*scanhost_plugin_entry());
//   host.set_option("lanes", {"default", "gpu"});
//   host.on("ZRANGEBYSCORE", array("a", "b"));
//   host.on("HGET", [](const call& asked) { return asked.args[1] == "a" ? value("x") : nil(); });
//   const auto report = host.visit(0);
//   EXPECT_EQ(report.result.processed, 2u);
//   EXPECT_TRUE(host.violations().empty());
//
// Nothing happens by itself: what a scan asked for waits in order until step(), run() or visit(). What the
// plugin does against the rules of the headers is kept in violations().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../scanhost.h"
#include "fake_options.hpp"
#include "fake_store.hpp"
#include "fake_tracking.hpp"
#include "lent.hpp"

namespace scanhost::testing {

// What the host's side of a test looks like.
struct host_settings {
  std::string scanner_name = {};                               // empty: the plugin's name
  milliseconds interval{0};                                    // 0: the plugin's default
  std::uint32_t page_size = 0;                                 // 0: the plugin's default
  std::map<std::string, std::uint32_t> partition_counts = {};  // families; others: the plugin's default
  bool drain = true;               // false: a pass ends when one page of candidates was acted on
  std::uint32_t max_pages = 1000;  // of one pass; then the turn is refused
  timestamp now{milliseconds(1'700'000'000'000)};
  std::uint16_t abi_minor = SCANHOST_ABI_MINOR;
  std::size_t beyond = 0;  // bytes by which the host's structs are larger than these headers say; of 8
};

// A request of a scan for its next page.
struct turn_request {
  std::string tag;
  std::uint32_t pass = 0;
  std::uint32_t acted = 0;  // since the last request of this pass
  std::uint32_t page = 0;   // of this pass, from 0
};

// What became of a scan.
struct scan_report {
  bool finished = false;
  bool failed = false;
  std::string failure = {};
  scanhost_result result = {};
};

struct log_line {
  int level = 0;
  std::string text;
};

class fake_host {
 public:
  using scan_id = std::size_t;

  // Creates the instance at the first need, so that options can be set before.
  explicit fake_host(const scanhost_plugin& plugin, host_settings settings = {});
  fake_host(const fake_host&) = delete;
  fake_host& operator=(const fake_host&) = delete;
  ~fake_host() { destroy(); }

  // --- before create ---------------------------------------------------------------------------

  void set_option(const std::string& name, const std::string& value) { options_.set(name, {value}); }
  void set_option(const std::string& name, std::vector<std::string> values) {
    options_.set(name, std::move(values));
  }
  // {"a", "b"} could also be a text from one pointer to another.
  void set_option(const std::string& name, std::initializer_list<const char*> values) {
    options_.set(name, {values.begin(), values.end()});
  }
  // Takes an extension of the host away, or lends one that the plugin may ask for.
  void without_extension(const std::string& id) { extensions_.erase(id); }
  void lend_extension(const std::string& id, const void* table) { extensions_[id] = table; }

  // --- the store -------------------------------------------------------------------------------

  // See fake_store: answers in order, and rules by the words a command begins with.
  template <class... Answers>
  void script(Answers&&... answers) {
    store_.script(std::forward<Answers>(answers)...);
  }
  template <class Answer>
  void on(std::string_view words, Answer&& answers) {
    store_.on(words, std::forward<Answer>(answers));
  }
  const std::vector<call>& calls() const noexcept { return store_.calls(); }
  const fake_store& store() const noexcept { return store_; }
  std::size_t batches() const noexcept { return batches_; }
  // The calls that begin with this word.
  std::vector<call> calls(std::string_view name) const;

  // --- time and turns --------------------------------------------------------------------------

  timestamp now() const noexcept { return settings_.now; }
  void advance(milliseconds step) noexcept { settings_.now += step; }
  // Replaces the rule of host_settings::drain: how many candidates may be acted on; 0: stop.
  void grant(std::function<std::uint32_t(const turn_request&)> rule) { grant_ = std::move(rule); }
  const std::vector<turn_request>& turns() const noexcept { return turns_; }

  // --- driving the plugin ----------------------------------------------------------------------

  bool create();   // true: there is an instance; otherwise create_error() says why
  void destroy();  // what is still waiting is dropped
  const std::string& create_error() const noexcept { return create_error_; }

  scanhost_status begin_cycle();  // counts the cycle and tells the plugin
  scanhost_status end_cycle();
  const std::string& cycle_error() const noexcept { return cycle_error_; }

  // What the instance would hand over to its successor; nothing: it hands over nothing, or failed to.
  std::optional<std::string> export_state();
  // Hands it over to this instance, which has not begun. False: state_error() says why it did not take it.
  bool import_state(std::uint32_t version, std::string_view bytes);
  const std::string& state_error() const noexcept { return state_error_; }

  // Starts a scan of a partition; step() or run() carry it on. Throws std::runtime_error when create failed.
  scan_id start(std::uint32_t index, std::uint32_t flags = 0);
  bool step();                // the oldest thing that waits; false: nothing does
  void run();                 // until nothing waits
  void cancel(scan_id scan);  // as after a time-out: outcomes CANCELLED, turns refused, timers at once
  std::size_t waiting() const noexcept { return events_.size() + timers_.size(); }
  scan_report report(scan_id scan) const;

  // Starts a scan and carries it to its end.
  scan_report visit(std::uint32_t index = 0, std::uint32_t flags = 0);
  // A whole cycle over all partitions; the sum of their results.
  scan_report cycle();

  // --- what it left behind ---------------------------------------------------------------------

  fake_failures& failures() noexcept { return failures_; }
  const fake_metrics& metrics() const noexcept { return metrics_; }
  const std::vector<log_line>& log() const noexcept { return log_; }
  std::size_t batches_held() const noexcept;  // lent to scans in flight, not released yet
  const std::vector<std::string>& violations() const noexcept { return violations_; }
  std::vector<std::string> take_violations() { return std::exchange(violations_, {}); }

 private:
  enum class phase { idle, create, cycle, scan, destroy };
  struct block;  // the host table, with the way back to this
  struct open_scan;
  struct services;  // the functions behind the tables
  struct timer {
    timestamp due;
    scan_id scan;
    std::function<void()> fire;
  };

  void violate(std::string what) { violations_.push_back(std::move(what)); }
  open_scan* in_flight(scanhost_scan* scan, const char* what);
  std::uint32_t allowance(const open_scan& scan, turn_request asked);
  std::vector<answer> ask(const open_scan& scan, const std::vector<call>& asked);
  std::vector<call> read_commands(const open_scan& scan, const scanhost_command* commands, std::size_t count,
                                  std::size_t stride);
  const scanhost_replies* lend(open_scan& scan, std::vector<answer> answers);
  void end(open_scan& scan);
  template <class Call>
  auto inside(phase during, Call call);
  const scanhost_state* state_extension();
  void make_tables();
  void make_partition(open_scan& scan, std::uint32_t index, std::uint32_t flags);
  std::uint32_t count_of(std::string_view family) const;

  const scanhost_plugin plugin_;
  host_settings settings_;
  fake_options options_;
  fake_store store_;
  fake_failures failures_;
  fake_metrics metrics_;
  std::map<std::string, const void*, std::less<>> extensions_;
  std::unique_ptr<block> block_;
  std::unique_ptr<lent_structs<scanhost_failures>> failures_table_;
  std::unique_ptr<lent_structs<scanhost_metrics>> metrics_table_;
  std::unique_ptr<lent_structs<scanhost_blocking>> blocking_table_;
  std::function<std::uint32_t(const turn_request&)> grant_;
  std::vector<turn_request> turns_;
  std::vector<log_line> log_;
  std::vector<std::string> violations_;
  std::vector<std::unique_ptr<open_scan>> scans_;
  std::deque<std::pair<scan_id, std::function<void()>>> events_;
  std::deque<timer> timers_;
  std::string create_error_;
  std::string cycle_error_;
  std::string state_error_;
  std::size_t batches_ = 0;
  std::uint64_t cycle_ = 0;
  void* self_ = nullptr;
  bool created_ = false;
  phase phase_ = phase::idle;
};

}  // namespace scanhost::testing

#include "detail/fake_host.ipp"
