// SPDX-License-Identifier: Apache-2.0
//
// What can be wrong with a plugin: each fault has a stable name for scripts and a hint how to fix it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/refusal.hpp"

namespace scanhost::verify {

enum class fault {
  // of the file
  exported_symbols,
  undefined_symbols,
  static_runtime,
  no_delete,
  other_name,
  // of loading and unloading
  entry_changes,
  left_mapped,
  left_threads,
  left_tls_destructors,
  left_signal_handlers,
  left_descriptors,
  // of the contract
  wrong_thread,
  wrong_phase,
  finished_twice,
  finished_early,
  never_finished,
  endless,
  ignores_cancel,
  asks_after_refusal,
  acts_beyond_turn,
  acts_without_turn,
  unmarked_call,
  hides_candidates,
  nothing_exercised,
  exception,
  fails_scanner,
  reply_after_release,
  reply_written,
  bad_release,
  bad_call,
  bad_result,
  refused_command,
  bad_explanation,
  // of how it deals with answers
  errors_hidden,
  failures_counted_as_processed,
  counts_on_empty,
  errors_on_empty,
  // of any check
  growth,
  crashed,
  hung,
  ended_process,
  no_child
};

std::string_view to_text(fault kind) noexcept;  // "finished_twice"
std::string_view fix(fault kind) noexcept;      // what the author has to do

struct finding {
  std::string fault;  // a name of a fault, or of a refusal of the loader
  std::string what;   // what was found, and where
  std::string fix;    // what to do

  bool operator==(const finding&) const = default;
};

finding found(fault kind, std::string what);

// From a refusal of the loader, whose message ends with what to do. The `name` at its beginning is left out.
finding found(const plugin::load_error& refused, std::string_view name);

using findings = std::vector<finding>;

}  // namespace scanhost::verify
