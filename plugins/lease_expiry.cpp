// SPDX-License-Identifier: Apache-2.0
//
// lease_expiry: finds active executions whose lease has run out and marks them as reclaimable.
//
// Finds: entries of `lease_expiry` that are due.
// Does:  ff_mark_lease_expired_if_due, which looks again and marks the execution, closes its open output
//        stream and writes the lease's history; it also removes entries of executions that are not active.
// Leaves alone: the entry of an expired lease, so that whoever reclaims finds it there. Leases that were
//        marked before are recognised by a read and passed over, counted as the call would have been.
#include <array>

#include "common/family.hpp"
#include "common/function_call.hpp"
#include "common/index_scanner.hpp"

namespace ff {

class lease_expiry : public index_scanner {
 public:
  static scanhost::description describe() {
    auto me = described("lease_expiry", "marks executions whose lease has expired as reclaimable",
                        std::chrono::milliseconds(1500), 50, flow_family());
    add_options(me, filter_options());
    need_functions(me, {"ff_mark_lease_expired_if_due"});
    return me;
  }

  explicit lease_expiry(scanhost::services host) : index_scanner(host, ff::filter(host)) {}

 private:
  std::string key(std::string_view tag, const index_name&) const override {
    return index_key(tag, "lease_expiry");
  }
  std::string_view function() const override { return "ff_mark_lease_expired_if_due"; }

  std::size_t read_count() const override { return 1; }
  void add_reads(scanhost::batch& reads, const site& at, const candidate& candidate) const override {
    reads.add("HMGET", execution_keys(at.tag, candidate.id).core(), "lifecycle_phase", "ownership_state")
        .about(candidate.id);
  }

  decision decide(const site& at, const candidate& candidate, const read_answers& answers,
                  scanhost::timestamp) const override {
    const auto core = answers[0];
    if (!core.ok()) return fail("reading its core", core);
    if (core[0].text() == "active" && core[1].text() == "lease_expired_reclaimable")
      return {decision::step::pass_over};
    const execution_keys keys(at.tag, candidate.id);
    const std::array call_keys = {keys.core(), keys.lease_current(), at.key, keys.lease_history()};
    return call(function_call(function(), call_keys, candidate.id));
  }

  std::string why_not(const site&, decision::step) const override {
    return "its lease has expired, which is marked: it waits for a worker that reclaims it";
  }

  verdict judge(const function_reply& reply) const override { return judge_mark_lease(reply); }
};

}  // namespace ff

SCANHOST_PLUGIN(ff::lease_expiry)
