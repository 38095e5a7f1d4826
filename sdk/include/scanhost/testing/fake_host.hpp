// SPDX-License-Identifier: Apache-2.0
//
// A host for tests: it drives a plugin through its descriptor, with scripted replies, a clock that the
// test turns, and no server, thread or socket.
//
//   fake_host host(*scanhost_plugin_entry());
//   host.set_option("lanes", {"default", "gpu"});
//   host.on("ZRANGEBYSCORE", array("a", "b"));
//   host.on("HGET", [](const call& asked) { return asked.args[1] == "a" ? value("x") : nil(); });
//   const auto report = host.scan(0);
//   EXPECT_EQ(report.result.processed, 2u);
//   EXPECT_TRUE(host.violations().empty());
//
// Nothing happens by itself: what a scan asked for waits in order until step(), run() or scan(). The clock is
// the test's, but a scan that waits for a thread of the plugin or a descriptor is waited for in real time.
// What the plugin does against the rules of the headers is kept in violations(). `scanhost plugin verify`
// drives plugins with this same host, in stricter settings, so that it finds what a unit test finds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "../detail/host_adapter.hpp"
#include "../detail/language.hpp"
#include "../detail/member_rules.hpp"
#include "../explanation.hpp"
#include "../scanhost.h"
#include "fake_options.hpp"
#include "fake_store.hpp"
#include "fake_tracking.hpp"
#include "fake_waits.hpp"
#include "lent.hpp"

namespace scanhost::inline v1_0::testing {

// The host's side of a test.
struct host_settings {
  std::string scanner_name = {};                               // empty: the plugin's name
  milliseconds interval{0};                                    // 0: the plugin's default
  std::uint32_t page_size = 0;                                 // 0: the plugin's default
  std::map<std::string, std::uint32_t> partition_counts = {};  // families; others: the plugin's default
  std::vector<std::string> members = {};  // of a listed family whose members come from a key of the store
  std::set<std::string> missing_functions =
      {};                          // of those that the plugin names; all others are on the server
  bool drain = true;               // false: a pass ends when one page of candidates was acted on
  std::uint32_t max_pages = 1000;  // of one pass; then the turn is refused
  timestamp now{milliseconds(1'700'000'000'000)};
  std::uint16_t abi_minor = SCANHOST_ABI_MINOR;
  std::size_t beyond = 0;  // bytes by which the host's structs are larger than these headers say; of 8
  lending_memory* memory = nullptr;  // of replies and partitions; null: the heap
  bool shuffled = false;             // callbacks of different scans come in a mixed order, the same each time
  bool back_off = true;              // false: no item is ever in back-off, and failures are not kept
  std::int32_t mode = SCANHOST_MODE_RUN;  // SCANHOST_MODE_*
  std::string server_name = "valkey";
  std::string server_version = "8.0.0";
  bool cluster = false;
  std::string plugin_path = {};
  // How long a scan that waits for a wake or a descriptor is waited for in real time, at most, before the
  // clock moves on to its time-out.
  milliseconds max_real_wait{5'000};
  bool plausible = true;  // replies are such as a server would give: what a scan counts from them is judged
};

// The rules of the headers that this host watches.
enum class rule {
  thread,           // the host is called on the scanner's thread alone
  phase,            // each function in its phase
  finished_twice,   // a scan that is finished is not touched any more
  finished_early,   // no callback is still to come when a scan finishes
  never_finished,   // every scan finishes
  refused_turn,     // a turn that was refused ends its pass
  acted_beyond,     // no more candidates are acted on than the turn allowed
  release,          // a batch is released once, with its own scan
  call,             // the arguments of a call are complete
  result,           // the result is one that the header allows
  refused_command,  // nothing is sent that the host refuses
  explanation       // an explanation only reads, and finds something to say
};

// A request of a scan for its next page.
struct turn_request {
  std::string tag;
  std::uint32_t pass = 0;
  std::uint32_t acted = 0;  // since the last request of this pass
  std::uint32_t page = 0;   // of this pass, from 0
  std::size_t scan = 0;     // which scan asks: scan_report::id
};

// The outcome of a scan.
struct scan_report {
  std::size_t id = 0;
  std::string tag = {};  // of its partition; the family's name where it has none
  bool finished = false;
  bool failed = false;
  std::string failure = {};
  scanhost_result result = {};
  std::size_t commands = 0;         // that it sent
  std::size_t failed_commands = 0;  // of those, how many were answered by an error of any kind

  bool over() const noexcept { return finished || failed; }
};

// What a scanner said about an item, in one partition.
struct item_report {
  scan_report scan;
  std::vector<finding> findings;
};

struct log_line {
  int level = 0;
  std::string text;
  std::vector<std::pair<std::string, std::string>> fields = {};
};

class fake_host : private detail::host_adapter {
 public:
  using scan_id = std::size_t;

  // Creates the instance at the first need, so that options can be set before.
  explicit fake_host(const scanhost_plugin& plugin, host_settings settings = {});
  virtual ~fake_host() { destroy(); }

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

  // What the key of a listed family's members holds from the next cycle on; see host_settings::members.
  void set_members(std::vector<std::string> members) { settings_.members = std::move(members); }

  // From now on: another library is on the server. See host_settings::missing_functions.
  void set_missing_functions(std::set<std::string> missing) {
    settings_.missing_functions = std::move(missing);
  }

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
  // What neither of them answers goes to a store with data, which has to outlive this host.
  void use(memory_store& store) noexcept { store_.use(store); }
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

  bool create();  // true: there is an instance; otherwise create_error() says why
  scanhost_status create_status() const noexcept { return create_status_; }
  void destroy();  // what is still waiting is dropped
  const std::string& create_error() const noexcept { return create_error_; }
  // The option that create() failed for with SCANHOST_BAD_OPTIONS; empty: none.
  const std::string& refused_option() const noexcept { return refused_option_; }

  // Counts the cycle, looks up the members of a listed family, and carries the plugin's entry to its end; a
  // plugin without one finishes at once. Throws std::invalid_argument for what cannot be a member
  // (ext/members.h).
  scan_report begin_cycle();
  scan_report end_cycle();
  // Starts the entry alone; nothing: the plugin has none.
  std::optional<scan_id> start_begin_cycle();
  std::optional<scan_id> start_end_cycle();

  // What the instance would hand over to its replacement; nothing: it hands nothing over, or failed to.
  std::optional<std::string> export_state();
  // Hands it over to this instance, which has not begun. False: state_error() says why it did not take it.
  bool import_state(std::uint32_t version, std::string_view bytes);
  const std::string& state_error() const noexcept { return state_error_; }

  // What the instance says about an item, in the partition that it names for it, else in the first. Nothing:
  // it explains no items.
  std::optional<item_report> explain(std::string_view item);
  // The same in a partition.
  std::optional<item_report> explain(std::string_view item, std::uint32_t index);
  // Starts the entry alone.
  std::optional<scan_id> start_explain(std::string_view item, std::uint32_t index);
  // The partition that the instance names for an item.
  std::optional<std::uint32_t> find_partition(std::string_view item);

  // Starts a scan of a partition; step() or run() carry it on. Throws std::runtime_error when create failed,
  // and std::out_of_range when a listed family has no such partition in this cycle.
  scan_id start(std::uint32_t index, std::uint32_t flags = 0);
  bool step();                // the oldest thing that waits; false: nothing does
  void run();                 // until nothing waits
  void cancel(scan_id scan);  // as after a time-out: outcomes CANCELLED, turns refused, timers at once
  void cancel_all();
  // Reports each scan that waits for nothing any more and is not finished.
  void look_for_unfinished();
  std::size_t waiting() const noexcept { return events_.size() + timers_.size(); }
  scan_report report(scan_id scan) const;
  std::vector<scan_report> reports() const;  // of all scans, in the order in which they began
  void forget_finished();                    // scans and turns, as if they had never been
  // Of the family that is swept; of a listed one: in this cycle.
  std::uint32_t partitions() const;
  std::string tag_of(std::uint32_t index) const;  // of a partition; the family's name where it has none

  // Starts a scan and carries it to its end.
  scan_report scan(std::uint32_t index = 0, std::uint32_t flags = 0);
  // A whole cycle over all partitions; the sum of their results.
  scan_report cycle();

  // --- what the plugin did ------------------------------------------------------------------------

  fake_failures& failures() noexcept { return failures_; }
  const fake_metrics& metrics() const noexcept { return metrics_; }
  const std::vector<log_line>& log() const noexcept { return log_; }
  std::size_t batches_lent() const noexcept;  // lent to scans in flight, not released yet
  const std::vector<std::string>& violations() const noexcept { return violations_; }
  std::vector<std::string> take_violations() { return std::exchange(violations_, {}); }

 protected:
  // --- for hosts that are stricter than this one

  // Before create; not held to the rules of the plugin's table.
  void set_value(const std::string& name, detail::option_value value) {
    options_.set_value(name, std::move(value));
  }

  // A rule was broken. Any thread.
  virtual void violated(rule broken, const std::string& what);
  // An answer is about to be given to the scan of this partition: in a callback, or inside a blocking call.
  virtual void before_answer(std::string_view tag, bool in_callback);
  virtual answer answer_to_command(scan_id scan, const call& asked);
  // False: it is the scan of begin_cycle or end_cycle.
  bool has_turns(scan_id scan) const;
  // False, and reported: this is not the scanner's thread.
  bool on_scanner_thread(const char* service);

  void log(std::int32_t level, std::string_view message, std::span<const scanhost_field> fields) override;
  void record(scanhost_metric* metric, double value) override;
  std::int32_t mode() override { return settings_.mode; }

 private:
  enum class phase { idle, create, scan, destroy };
  struct open_scan;
  struct event {
    scan_id scan;
    std::string tag;
    std::function<void()> call;
  };
  struct timer {
    timestamp due;
    event fire;
    std::uint64_t wait = 0;                            // whose time-out it is, with
    std::function<void(std::uint32_t)> on_ready = {};  // what to call when it ends earlier
  };
  struct open_pass {
    std::uint32_t pages = 0;
    std::uint32_t allowance = 0;
    std::uint32_t acted = 0;  // in all
    bool refused = false;
  };

  // --- the functions behind the tables
  const void* extension(std::string_view id) override;
  std::string_view scanner_name() override;
  milliseconds interval() override;
  std::uint32_t page_size() override;
  std::uint32_t partition_count(std::string_view family) override;
  const detail::option_value* option(std::string_view name) override;
  const scanhost_script* script(std::string_view source) override;
  bool function_available(std::string_view name) override;
  std::int32_t log_level() override { return SCANHOST_LOG_TRACE; }
  std::int64_t now_ms(scanhost_scan* scan) override;
  std::int64_t route_now_ms(scanhost_scan* scan, std::string_view route) override;
  void set_scan_data(scanhost_scan* scan, void* data) override;
  scanhost_status execute(scanhost_scan* scan, const scanhost_command* commands, std::size_t count,
                          std::size_t stride, scanhost_on_replies on_replies, void* user) override;
  void replies_release(scanhost_scan* scan, const scanhost_replies* replies) override;
  scanhost_status next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted,
                            scanhost_on_turn on_turn, void* user) override;
  scanhost_status after(scanhost_scan* scan, std::uint64_t delay_ms, scanhost_on_time on_time,
                        void* user) override;
  bool cancelled(scanhost_scan* scan) override;
  void finish(scanhost_scan* scan, const scanhost_result* result) override;
  void fail(scanhost_scan* scan, std::string_view message) override;
  std::string_view server_name() override { return settings_.server_name; }
  std::string_view server_version() override { return settings_.server_version; }
  bool is_cluster() override { return settings_.cluster; }
  std::string_view plugin_path() override { return settings_.plugin_path; }
  bool should_skip(scanhost_scan* scan, std::string_view item) override;
  void failure(scanhost_scan* scan, std::string_view item, std::string_view reason) override;
  void success(scanhost_scan* scan, std::string_view item) override;
  scanhost_metric* series(const detail::series_request& request) override;
  void remove(scanhost_metric* metric) override;
  scanhost_status add_member(scanhost_scan* scan, std::string_view member) override;
  const scanhost_replies* blocking_execute(scanhost_scan* scan, const scanhost_command* commands,
                                           std::size_t count, std::size_t stride) override;
  std::uint32_t blocking_next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted) override;
  void pause(scanhost_scan* scan, std::uint64_t delay_ms) override;
  std::uint64_t wake_token(scanhost_scan* scan) override;
  scanhost_status wait(scanhost_scan* scan, std::uint64_t token, std::uint64_t timeout_ms,
                       scanhost_on_ready on_ready, void* user) override;
  void wake(std::uint64_t token) override { waits_.wake(token); }
  scanhost_status when_ready(scanhost_scan* scan, std::int32_t descriptor, std::uint32_t events,
                             std::uint64_t timeout_ms, scanhost_on_ready on_ready, void* user) override;

  open_scan* in_scan(scanhost_scan* scan, const char* service);
  open_scan* in_blocking_scan(scanhost_scan* scan, const char* service);
  bool needs_function(std::string_view name) const;
  static void run_script(const scanhost_command& command, call& sent);
  open_scan* tracks_failures(scanhost_scan* scan, const char* service);
  bool has_callback(bool there, const char* service);
  bool read_commands(open_scan& scan, const scanhost_command* commands, std::size_t count, std::size_t stride,
                     std::vector<call>& asked);
  bool read_command(open_scan& scan, const scanhost_command& raw, std::vector<call>& asked);
  void check_turn(const open_scan& scan, std::uint32_t pass, std::uint32_t acted);
  void check_result(const scanhost_result& result);
  std::uint32_t allowance(open_scan& scan, std::uint32_t pass, std::uint32_t acted);
  const scanhost_replies* lend_answers(open_scan& scan, const std::vector<call>& asked);
  void queue(open_scan& scan, std::function<void()> call);
  timer& set_timer(open_scan& scan, std::uint64_t delay_ms, std::function<void()> call);
  template <class Start>
  scanhost_status start_wait(open_scan* scan, const char* service, std::uint64_t timeout_ms,
                             scanhost_on_ready on_ready, void* user, Start start);
  void collect_waits();
  event next_event();
  void end(open_scan& scan);
  template <class Call>
  auto inside(phase during, Call call);
  template <class Table>
  const Table* plugin_extension(std::string_view id);
  void add_finding(open_scan& scan, const scanhost_finding& found);
  void check_explanation(const open_scan& scan);
  std::optional<std::string> breaks_explanation(const open_scan& scan, const call& asked) const;
  template <class Entry>
  std::optional<scan_id> start_entry(Entry entry, const char* name);
  scan_report finish_entry(std::optional<scan_id> scan);
  open_scan& add_scan();
  void make_partition(open_scan& scan, std::uint32_t index, std::uint32_t flags);
  std::uint32_t count_of(std::string_view family) const;
  scanhost_family swept() const { return detail::read_growing<scanhost_family>(plugin_.families); }
  void look_up_members();
  void adopt(std::vector<std::string> members);
  bool serial() const noexcept { return (plugin_.flags & SCANHOST_PLUGIN_SERIAL) != 0; }

  const scanhost_plugin plugin_;
  host_settings settings_;
  lending_memory& memory_;
  fake_options options_;
  fake_store store_;
  fake_failures failures_;
  fake_metrics metrics_;
  std::map<std::string, const void*, std::less<>> extensions_;
  std::function<std::uint32_t(const turn_request&)> grant_;
  std::vector<turn_request> turns_;
  std::vector<log_line> log_;
  std::vector<std::string> members_;  // of a listed family, in this cycle
  std::vector<std::string> offered_;  // by the plugin, in this begin_cycle
  std::set<std::string, std::less<>> scripts_;
  std::mutex violations_mutex_;
  std::vector<std::string> violations_;
  std::map<scan_id, std::unique_ptr<open_scan>> scans_;
  scan_id next_scan_ = 0;
  std::deque<event> events_;
  std::deque<timer> timers_;
  fake_waits waits_;
  std::minstd_rand chance_;
  std::string create_error_;
  std::string refused_option_;
  scanhost_status create_status_ = SCANHOST_OK;
  std::string state_error_;
  std::size_t batches_ = 0;
  std::uint64_t cycle_ = 0;
  void* self_ = nullptr;
  bool created_ = false;
  phase phase_ = phase::idle;
  const std::thread::id thread_ = std::this_thread::get_id();
};

}  // namespace scanhost::inline v1_0::testing

#include "detail/fake_host.ipp"
