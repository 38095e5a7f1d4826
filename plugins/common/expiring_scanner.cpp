// SPDX-License-Identifier: Apache-2.0
#include "common/expiring_scanner.hpp"

#include "common/family.hpp"
#include "common/function_call.hpp"

namespace ff {

expiring_scanner::expiring_scanner(scanhost::services host, std::string_view index)
    : index_scanner(host, ff::filter(host)), index_(index) {}

scanhost::description expiring_scanner::described_as(std::string_view index, std::string summary,
                                                     std::chrono::milliseconds interval) {
  auto me = described(std::string(index), std::move(summary), interval, 50, flow_family());
  auto option = lanes_option();
  option.help = "accepted, and not used: the lane stands in each execution's record";
  add_options(me, {std::move(option)});
  add_options(me, filter_options());
  need_functions(me, {"ff_expire_execution"});
  return me;
}

std::string expiring_scanner::key(std::string_view tag, const index_name&) const {
  return index_key(tag, index_);
}

void expiring_scanner::add_reads(scanhost::batch& reads, const site& at, const candidate& candidate) const {
  reads.add("HMGET", execution_keys(at.tag, candidate.id).core(), "lane_id", "current_attempt_index")
      .about(candidate.id);
  reads.add("ZSCORE", at.key, candidate.id).about(candidate.id);
}

decision expiring_scanner::decide(const site& at, const candidate& candidate, const read_answers& answers,
                                  scanhost::timestamp now) const {
  const auto core = answers[0];
  const auto score = answers[1];
  if (!core.ok()) return fail("reading its core", core);
  if (!score.ok()) return fail("reading its score", score);
  const auto now_it_is = still_due(score.reply(), now);
  if (now_it_is == still::gone) return {decision::step::gone};
  if (now_it_is == still::later) return {decision::step::leave};
  return call(expire_execution_call(at.tag, candidate.id, core[0].optional_text().value_or("default"),
                                    core[1].optional_text().value_or("0"), index_));
}

}  // namespace ff
