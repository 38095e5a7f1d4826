// SPDX-License-Identifier: Apache-2.0
//
// delayed_promoter: finds delayed executions whose delay is over and makes them eligible.
//
// Finds: entries of each lane's `delayed` index that are due.
// Does:  ff_promote_delayed, which looks again and moves the execution to the lane's `eligible` index, or
//        removes an entry that does not belong there any more.
// Leaves alone: executions whose record says "later"; those whose record holds no usable time (the function
//        fails for them; they go into back-off and are reported); lanes that are not configured.
#include <array>

#include "common/family.hpp"
#include "common/function_call.hpp"
#include "common/index_scanner.hpp"

namespace ff {

class delayed_promoter : public index_scanner {
 public:
  static scanhost::description describe() {
    auto me = described("delayed_promoter", "makes executions eligible whose delay is over",
                        std::chrono::milliseconds(750), 50, flow_family());
    add_options(me, {lanes_option()});
    add_options(me, filter_options());
    need_functions(me, {"ff_promote_delayed"});
    return me;
  }

  explicit delayed_promoter(scanhost::services host)
      : index_scanner(host, ff::filter(host), host.list("lanes")) {}

 private:
  std::string key(std::string_view tag, const index_name& index) const override {
    return lane_key(tag, index.lane, "delayed");
  }
  std::string_view function() const override { return "ff_promote_delayed"; }

  decision decide(const site& at, const candidate& candidate, const read_answers&,
                  scanhost::timestamp now) const override {
    const std::array call_keys = {execution_keys(at.tag, candidate.id).core(), at.key,
                                  lane_key(at.tag, at.lane, "eligible")};
    return call(function_call(function(), call_keys, candidate.id, scanhost::to_ms(now)));
  }

  verdict judge(const function_reply& reply) const override { return judge_promote_delayed(reply); }
};

}  // namespace ff

SCANHOST_PLUGIN(ff::delayed_promoter)
