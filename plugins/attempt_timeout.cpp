// SPDX-License-Identifier: Apache-2.0
//
// attempt_timeout: finds executions whose current attempt has run too long, and expires them.
//
// Finds: entries of `attempt_timeout` that are due.
// Does:  ff_expire_execution with the reason `attempt_timeout`, with the keys of the lane and attempt in
//        the record; it also removes entries of executions that have ended or are gone.
// Leaves alone: entries that have left the index, or were put off, since the page was read.
#include "common/expiring_scanner.hpp"

namespace ff {

class attempt_timeout : public expiring_scanner {
 public:
  static scanhost::description describe() {
    return described_as(index, "expires executions whose attempt has timed out", std::chrono::seconds(2));
  }

  explicit attempt_timeout(scanhost::services host) : expiring_scanner(host, index) {}

 private:
  static constexpr std::string_view index = "attempt_timeout";
};

}  // namespace ff

SCANHOST_PLUGIN(ff::attempt_timeout)
