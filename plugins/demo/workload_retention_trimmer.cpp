// SPDX-License-Identifier: Apache-2.0
//
// Work for retention_trimmer: executions that ended more than a day ago, with every kind of key they can
// have, all of which must go; some that ended lately or keep longer, which must stay; entries that stand
// for nothing, which must go.
#include <array>

#include "execution.hpp"
#include "keys.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace retention_trimmer_work {

enum variety : std::uint8_t { old, full, gone, recent, kept };

constexpr std::array<share, 5> shares{{{old, 45}, {full, 20}, {gone, 5}, {recent, 20}, {kept, 10}}};
constexpr std::array<std::string_view, 5> names{
    "ended more than a day ago", "ended more than a day ago, with every kind of key",
    "entry without a record", "ended lately", "ended long ago, kept for longer"};
constexpr std::array<std::string_view, 5> outcomes{"success", "success", "failed", "cancelled", "expired"};
constexpr std::int64_t hour = 3'600'000;

// All that an execution may leave behind beside what every one does.
void write_remains(world& w, const execution& e, std::int64_t when, dice& chance) {
  const auto signal = chance.uuid(), edge = chance.uuid();
  w.put(e.key("signals"), scored{{{signal, when - 900}}});
  w.set(signal_key(e.tag, signal),
        {{"signal_id", signal}, {"signal_name", "approved"}, {"accepted_at", when - 900}});
  w.put(signal_key(e.tag, signal) + ":payload", plain{R"({"by":"reviewer"})"});
  w.put(e.key("waitpoints"), members{{e.waitpoint_id}});
  w.set(e.waitpoint(), {{"waitpoint_id", e.waitpoint_id},
                        {"execution_id", e.id},
                        {"state", "closed"},
                        {"close_reason", "resumed"},
                        {"closed_at", when - 800}});
  w.set(e.waitpoint() + ":condition",
        {{"condition_type", "signal_set"}, {"closed", 1}, {"closed_reason", "satisfied"}});
  w.append(e.waitpoint() + ":signals", {{"signal_id", signal}, {"signal_name", "approved"}});
  w.set(e.key("suspension:current"), {{"suspension_id", e.suspension_id},
                                      {"execution_id", e.id},
                                      {"closed_at", when - 800},
                                      {"close_reason", "resumed"}});
  w.set(e.key("lease:current"), {{"lease_id", e.lease_id}, {"execution_id", e.id}});
  w.set(e.key("claim_grant"), {{"worker_id", e.worker}, {"grant_expires_at", when}});
  w.set(e.key("deps:meta"),
        {{"unsatisfied_required_count", 0}, {"flow_id", e.flow}, {"last_dependency_update_at", when - 5000}});
  w.put(e.key("deps:all_edges"), members{{edge}});
  w.set(e.key("dep:" + edge), {{"edge_id", edge}, {"state", "satisfied"}, {"last_resolved_at", when - 5000}});
}

class retention_trimmer final : public workload {
 public:
  std::string_view scanner() const override { return "retention_trimmer"; }
  std::size_t weight() const override { return 6; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    for (std::size_t at = 0; at < executions; ++at) {
      record r{chance.roll(), static_cast<std::uint32_t>(at % flow_partitions), 1, 0, draw(chance, shares)};
      if (r.variety <= gone) r.due = times.overdue(chance);
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto ended = r.variety == recent ? times_.now - chance.between(hour, 12 * hour)
                                           : times_.now - chance.between(25 * hour, 200 * hour);
    const auto e = make_execution(chance, r.partition, ended);
    if (r.variety == gone) {
      w.enter(e.lane_index("terminal"), e.id, ended);
      w.join(e.index("all_executions"), e.id);
      return w;
    }
    write_created(w, e, chance);
    make_terminal(w, e, chance.pick(outcomes), ended, chance);
    if (r.variety == full) write_remains(w, e, ended, chance);
    if (r.variety == kept)
      w.put(e.key("policy"), plain{R"({"stream_policy":{"retention_ttl_ms":31536000000}})"});  // a year
    return w;
  }

  void after(const record& r, world& w) const override {
    if (r.due != 0) w = world();
  }
};

}  // namespace retention_trimmer_work

std::unique_ptr<workload> work_for_retention_trimmer() {
  return std::make_unique<retention_trimmer_work::retention_trimmer>();
}

}  // namespace scanhost::demo
