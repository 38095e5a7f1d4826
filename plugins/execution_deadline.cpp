// SPDX-License-Identifier: Apache-2.0
//
// execution_deadline: finds executions that are past their deadline, and expires them.
//
// Finds: entries of `execution_deadline` that are due.
// Does:  ff_expire_execution with the reason `execution_deadline`, with the keys of the lane and attempt in
//        the record; it also removes entries of executions that have ended or are gone.
// Leaves alone: entries that have left the index, or were put off, since the page was read.
#include "common/expiring_scanner.hpp"

namespace ff {

class execution_deadline : public expiring_scanner {
 public:
  static scanhost::description describe() {
    return described_as(index, "expires executions that are past their deadline", std::chrono::seconds(5));
  }

  explicit execution_deadline(scanhost::services host) : expiring_scanner(host, index) {}

 private:
  static constexpr std::string_view index = "execution_deadline";
};

}  // namespace ff

SCANHOST_PLUGIN(ff::execution_deadline)
