// SPDX-License-Identifier: Apache-2.0
//
// The batches of commands that are under way for scans: sent, answered, cancelled, and measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/scanner_plan.hpp"
#include "runner/record/record.hpp"
#include "runner/scan/callbacks.hpp"
#include "runner/scan/scan.hpp"
#include "runner/scan/scripts.hpp"
#include "runner/scan/turns.hpp"
#include "store/client.hpp"
#include "store/gate/command_gate.hpp"

namespace scanhost::runner {

// What the lateness of an acting command is measured from.
struct known_due {
  std::int64_t due_ms = 0;  // when its item came due; 0: it is not measured
  std::uint32_t items = 0;  // that it acts on
};

// Either `on_replies` is set, or `answer`: then a blocking call waits for it.
struct pending_batch {
  scan_ptr scan;
  scanhost_on_replies on_replies = nullptr;
  void* user = nullptr;
  reply_batch_ptr* answer = nullptr;
  store::ticket ticket = 0;
  std::vector<known_due> due;  // by command; empty: none is measured
};

class command_batches {
 public:
  // `gate`: null if the commands pass none. `read_gate`: of explanations, made when the first one is started.
  command_batches(store::client& client, store::command_gate* gate,
                  const std::unique_ptr<store::command_gate>& read_gate, cycle_budget& budget, record& record,
                  callbacks& callbacks, const scripts& scripts, const plan::scanner_plan& plan) noexcept
      : client_(client),
        gate_(gate),
        read_gate_(read_gate),
        budget_(budget),
        record_(record),
        callbacks_(callbacks),
        scripts_(scripts),
        plan_(plan) {}

  // Why the commands are malformed, so that nothing was sent; null: they are not.
  const char* send(const scanhost_command* commands, std::size_t count, std::size_t stride,
                   pending_batch&& batch);
  void cancel(const scan_ptr& scan);
  // Whether commands of the scan wait for a limit.
  bool is_waiting(const scan_ptr& scan) const;
  // Whether they did, in a batch that is not complete.
  bool has_waited(const scan_ptr& scan) const;

  // A run of some cycles: a right that is missing for one key is a failure of its item, and so is a lost
  // connection.
  void blame_items_for_keys() noexcept { items_answer_for_keys_ = true; }

  // What the server said to the commands since the last call.
  struct command_counts {
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;  // with an error
    std::string last_failure;
  };
  command_counts take_counts() { return std::exchange(counts_, {}); }

 private:
  bool has_waited(const pending_batch& batch) const;
  store::command_gate* gate_of(const scanhost_scan& scan) const noexcept {
    return scan.explains ? read_gate_.get() : gate_;
  }
  bool knows_scripts(const scanhost_command* commands, std::size_t count, std::size_t stride) const;
  std::size_t keep(pending_batch&& batch);
  std::vector<known_due> note_acting(scanhost_scan& scan, const scanhost_command* commands, std::size_t count,
                                     std::size_t stride);
  void complete(std::size_t slot, reply_batch_ptr replies);
  void measure(const pending_batch& batch, const scanhost_replies& replies);
  void note_functions(scanhost_scan& scan, const scanhost_command* commands, std::size_t count,
                      std::size_t stride);
  bool may_count_on(std::string_view function);
  void judge(scanhost_scan& scan, const scanhost_replies& replies);
  void judge_failure(scanhost_scan& scan, const scanhost_outcome& outcome);
  void judge_refusal(scanhost_scan& scan, std::string_view message);
  void note_unanswered(scanhost_scan& scan, const scanhost_outcome& outcome);
  void note_missing_function(scanhost_scan& scan);

  store::client& client_;
  store::command_gate* const gate_;
  const std::unique_ptr<store::command_gate>& read_gate_;
  cycle_budget& budget_;
  record& record_;
  callbacks& callbacks_;
  const scripts& scripts_;
  const plan::scanner_plan& plan_;
  std::string undeclared_;  // the function that the plugin called last without naming it in its descriptor
  bool undeclared_reported_ = false;
  bool items_answer_for_keys_ = false;
  command_counts counts_;
  std::vector<pending_batch> batches_;  // by slot; one without a scan is free
  std::vector<std::size_t> free_slots_;
};

}  // namespace scanhost::runner
