// SPDX-License-Identifier: Apache-2.0
//
// Where all commands of a plugin pass on their way to the store, if its scanner runs dry, has permissions, or
// is audited; otherwise there is no gate. In this order:
//
// 1. Permissions. What they do not allow ends with the outcome REFUSED, which names rule and scanner.
// 2. Dry run. A command that ACTS or may change something ends with the outcome HELD_BACK, which the plugin
//    ABI has for this: "nothing is to be changed now; count the item as skipped". A made-up reply would make
//    a scanner believe in a change and go on from it.
// 3. Audit. One line for each command that may change something, with its outcome.
//
// Scripts and functions that do not ACT are sent in their read-only form where nothing may be changed: so
// what only reads works, and what tries to write is held back or refused as the server's answer says.
//
// What a command may do is asked from the server (COMMAND) before the first batch, which waits for the
// answer; so the table is there before anything is judged. A server that refuses COMMAND leaves only what is
// harmless by itself.
//
// Threads: everything on the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "store/client.hpp"
#include "store/cluster/key_positions.hpp"
#include "store/gate/audit_entry.hpp"
#include "store/gate/audit_file.hpp"
#include "store/gate/command_effects.hpp"
#include "store/gate/permissions.hpp"

namespace scanhost::store {

class command_gate {
 public:
  // Whether a scanner with these settings needs one.
  static bool is_needed(const config::scanner_settings& settings) noexcept {
    return settings.dry_run || !settings.permissions.empty() || !settings.audit.file.empty();
  }

  command_gate(boost::asio::io_context& context, client& client, const config::scanner_settings& settings,
               audit_author author);
  ~command_gate();
  command_gate(const command_gate&) = delete;
  command_gate& operator=(const command_gate&) = delete;

  // As client::execute. `partition`: its tag, for the audit.
  ticket execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                 std::string_view route, std::string_view partition, on_complete done);
  void cancel(ticket which);
  // As in client.
  bool is_waiting(ticket which) const;
  bool has_waited(ticket which) const;

  // What did not pass since the last call.
  struct report {
    std::map<std::string, std::uint64_t> held_back;  // by function or command
    std::map<std::string, std::uint64_t> refused;    // by the message, which names the rule
    audit_file::counts audit;                        // of all scanners
    std::optional<audit_file::notice> audit_notice;
    bool lacks_table = false;  // COMMAND was refused; once
  };
  report take_report();

 private:
  struct job;
  using job_ptr = std::shared_ptr<job>;
  enum class table_state { unknown, asked, known };

  void ask_for_table(std::string_view route);
  void take_table(const reply_batch& answer);
  void fail_waiting(const scanhost_outcome& outcome);
  void pass(const job_ptr& job);
  void judge(job& job, std::size_t index);
  void send(const job_ptr& job);
  void take_replies(const job_ptr& job, std::unique_ptr<reply_batch> replies);
  void note_refused_change(job& job, std::size_t index);
  void hold_back(job& job, std::size_t index);
  void refuse(job& job, std::size_t index, const std::string& message);
  void record(const job& job, std::size_t index);
  void complete(const job_ptr& job);
  void complete_soon(const job_ptr& job);

  boost::asio::io_context& context_;
  client& client_;
  const bool dry_run_;
  const permissions permissions_;
  const audit_author author_;
  const std::shared_ptr<audit_file> audit_;  // null: changes are not recorded
  table_state table_ = table_state::unknown;
  command_effects effects_;
  key_positions keys_;
  ticket last_ = 0;
  std::map<ticket, job_ptr> jobs_;
  report report_;
};

}  // namespace scanhost::store
