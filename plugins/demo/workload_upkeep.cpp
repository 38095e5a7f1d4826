// SPDX-License-Identifier: Apache-2.0
//
// Work for the scanners that look after records at leisure. For index_reconciler: executions that lack their
// index entry, and members of the list of all executions that have no record; it reports them, and must
// change nothing. For retention_trimmer: executions that ended more than a day ago, with every kind of key
// they can have, all of which must go; some that ended lately or are kept for longer, which must stay;
// entries that stand for nothing, which must go.
#include "keys.hpp"
#include "workload.hpp"

namespace scanhost::demo {
namespace upkeep_work {

using enum comes_due;

constexpr situation<single> index_reconciler[] = {
    {"in its index", 70, never, [](single& s) { s.e.create(); }},
    {"eligible, not in its index", 12, never, [](single& s) { s.e.create().leave_lane("eligible"); }},
    {"suspended, not in its index", 10, never,
     [](single& s) { s.e.create().suspend("fail", 0, s.past).leave_lane("suspended"); }},
    {"listed, without a record", 8, never, [](single& s) { s.w.join(s.e.index("all_executions"), s.e.id); }}};

constexpr std::array<std::string_view, 5> outcomes{"success", "success", "failed", "cancelled", "expired"};
constexpr std::int64_t hour = 3'600'000;

// Moves its life into the past; returns when it ended.
std::int64_t age(single& s, std::int64_t min_hours, std::int64_t max_hours) {
  const auto by_ms = s.chance.between(min_hours * hour, max_hours * hour);
  s.e.created_at -= by_ms;
  s.e.claimed_at -= by_ms;
  return s.times.now - by_ms;
}

std::int64_t write_ended(single& s, std::int64_t min_hours, std::int64_t max_hours) {
  const auto ended = age(s, min_hours, max_hours);
  s.e.create();
  s.e.finish(s.chance.pick(outcomes), ended);
  return ended;
}

void write_old(single& s) { write_ended(s, 25, 200); }

// With all that an execution may leave behind beside what every one does.
void write_full(single& s) {
  const auto when = write_ended(s, 25, 200);
  const auto& e = s.e;
  const auto signal = s.chance.uuid(), edge = s.chance.uuid();
  const fields closed{{"close_reason", "resumed"}, {"closed_at", when - 800}, {"execution_id", e.id}};
  s.w.put_sorted_set(e.key("signals"), {{signal, when - 900}});
  s.w.set(signal_key(e.tag, signal),
          {{"signal_id", signal}, {"signal_name", "approved"}, {"accepted_at", when - 900}});
  s.w.put_string(signal_key(e.tag, signal, "payload"), R"({"by":"reviewer"})");
  s.w.put_set(e.key("waitpoints"), {e.waitpoint_id});
  s.w.set(e.waitpoint(), closed);
  s.w.set(e.waitpoint(), {{"waitpoint_id", e.waitpoint_id}, {"state", "closed"}});
  s.w.set(e.waitpoint("condition"),
          {{"condition_type", "signal_set"}, {"closed", 1}, {"closed_reason", "satisfied"}});
  s.w.append(e.waitpoint("signals"), {{"signal_id", signal}, {"signal_name", "approved"}});
  s.w.set(e.key("suspension:current"), closed);
  s.w.set(e.key("suspension:current"), "suspension_id", e.suspension_id);
  s.w.set(e.key("lease:current"), {{"lease_id", e.lease_id}, {"execution_id", e.id}});
  s.w.set(e.key("claim_grant"), {{"worker_id", e.worker}, {"grant_expires_at", when}});
  s.w.set(
      e.key("deps:meta"),
      {{"unsatisfied_required_count", 0}, {"flow_id", e.flow}, {"last_dependency_update_at", when - 5000}});
  s.w.put_set(e.key("deps:all_edges"), {edge});
  s.w.set(e.key("dep:" + edge),
          {{"edge_id", edge}, {"state", "satisfied"}, {"last_resolved_at", when - 5000}});
}

void all_goes(single& s) { s.w = world(); }

constexpr situation<single> retention_trimmer[] = {
    {"ended more than a day ago", 45, overdue, write_old, all_goes},
    {"ended more than a day ago, with every kind of key", 20, overdue, write_full, all_goes},
    {"entry without a record", 5, overdue,
     [](single& s) {
       s.e.enter_lane("terminal", age(s, 25, 200));
       s.w.join(s.e.index("all_executions"), s.e.id);
     },
     all_goes},
    {"ended lately", 20, never, [](single& s) { write_ended(s, 1, 12); }},
    {"ended long ago, kept for a year", 10, never, [](single& s) {
       write_old(s);
       s.w.put_string(s.e.key("policy"), R"({"stream_policy":{"retention_ttl_ms":31536000000}})");
     }}};

}  // namespace upkeep_work

std::unique_ptr<workload> work_for_index_reconciler() {
  return make_work("index_reconciler", 2, upkeep_work::index_reconciler);
}
std::unique_ptr<workload> work_for_retention_trimmer() {
  return make_work("retention_trimmer", 6, upkeep_work::retention_trimmer);
}

}  // namespace scanhost::demo
