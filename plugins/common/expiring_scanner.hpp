// SPDX-License-Identifier: Apache-2.0
//
// What attempt_timeout and execution_deadline share: everything but the index and the reason.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/index_scanner.hpp"

namespace ff {

// Expires executions whose entry of one index is due, with ff_expire_execution. The function does not look
// whether a timeout is due: the score is read again with the record, just before the call.
class expiring_scanner : public index_scanner {
 protected:
  // `index` is also the reason that the function is given.
  expiring_scanner(scanhost::services host, std::string_view index);

  static scanhost::description described_as(std::string_view index, std::string summary,
                                            std::chrono::milliseconds interval);

 private:
  std::string key(std::string_view tag, const index_name& index) const override;
  std::string_view function() const override { return "ff_expire_execution"; }
  std::size_t read_count() const override { return 2; }
  void add_reads(scanhost::batch& reads, const site& at, const candidate& candidate) const override;
  decision decide(const site& at, const candidate& candidate, const read_answers& answers,
                  scanhost::timestamp now) const override;
  verdict judge(const function_reply& reply) const override { return judge_expire_execution(reply); }

  std::string_view index_;
};

}  // namespace ff
