// SPDX-License-Identifier: Apache-2.0
//
// suspension_timeout: finds suspended executions whose suspension has timed out, and ends or resumes them.
//
// Finds: entries of `suspension_timeout` that are due.
// Does:  ff_expire_suspension, which does what the suspension asks for (fail, cancel, expire, resume,
//        escalate), or removes an entry of an execution that is not suspended any more.
// Leaves alone: suspensions whose record says "later", and those whose record holds no usable time (the
//        function fails for them); entries that left the index, or were put off, since the page was read.
#include <array>

#include "common/family.hpp"
#include "common/function_call.hpp"
#include "common/index_scanner.hpp"

namespace ff {

class suspension_timeout : public index_scanner {
 public:
  static scanhost::description describe() {
    auto me = described("suspension_timeout", "ends or resumes executions whose suspension has timed out",
                        std::chrono::seconds(2), 50, flow_family());
    add_options(me, filter_options());
    need_functions(me, {"ff_expire_suspension"});
    return me;
  }

  explicit suspension_timeout(scanhost::services host) : index_scanner(host, ff::filter(host)) {}

 private:
  std::string key(std::string_view tag, const index_name&) const override {
    return index_key(tag, "suspension_timeout");
  }
  std::string_view function() const override { return "ff_expire_suspension"; }

  std::size_t read_count() const override { return 3; }
  void add_reads(scanhost::batch& reads, const site& at, const candidate& candidate) const override {
    const execution_keys keys(at.tag, candidate.id);
    reads.add("HMGET", keys.core(), "current_waitpoint_id", "current_attempt_index", "lane_id")
        .about(candidate.id);
    reads.add("HGET", keys.suspension(), "waitpoint_id").about(candidate.id);
    reads.add("ZSCORE", at.key, candidate.id).about(candidate.id);
  }

  decision decide(const site& at, const candidate& candidate, const read_answers& answers,
                  scanhost::timestamp now) const override {
    const auto core = answers[0];
    const auto suspension = answers[1];
    const auto score = answers[2];
    if (!core.ok()) return fail("reading its core", core);
    if (!score.ok()) return fail("reading its score", score);
    const auto now_it_is = still_due(score.reply(), now);
    if (now_it_is == still::gone) return {decision::step::gone};
    if (now_it_is == still::later) return {decision::step::leave};
    // A core without a waitpoint: the suspension knows it. Otherwise the function would make up empty ones.
    // Of one that is no record nothing can be learnt: the function removes the entry without it, or fails.
    auto waitpoint = core[0].text();
    if (waitpoint.empty()) {
      if (!suspension.ok() && suspension.error_code() != "WRONGTYPE")
        return fail("reading its suspension", suspension);
      waitpoint = suspension.reply().text();
    }
    return call(expire_call(at, candidate.id, waitpoint, core[1].optional_text().value_or("0"),
                            core[2].optional_text().value_or("default")));
  }

  scanhost::command expire_call(const site& at, std::string_view id, std::string_view waitpoint,
                                std::string_view attempt, std::string_view lane) const {
    const execution_keys keys(at.tag, id);
    const std::array call_keys = {keys.core(),
                                  keys.suspension(),
                                  waitpoint_key(at.tag, waitpoint),
                                  condition_key(at.tag, waitpoint),
                                  keys.attempt(attempt),
                                  keys.stream_meta(attempt),
                                  at.key,
                                  lane_key(at.tag, lane, "suspended"),
                                  lane_key(at.tag, lane, "terminal"),
                                  lane_key(at.tag, lane, "eligible"),
                                  lane_key(at.tag, lane, "delayed"),
                                  keys.lease_history()};
    return function_call(function(), call_keys, id);
  }

  verdict judge(const function_reply& reply) const override { return judge_expire_suspension(reply); }
};

}  // namespace ff

SCANHOST_PLUGIN(ff::suspension_timeout)
