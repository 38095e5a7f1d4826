// SPDX-License-Identifier: Apache-2.0
#include "index_reconciler/index_repair.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "common/guarded_write.hpp"
#include "common/keys.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

// KEYS: the core, its suspension, its claim grant, the index in which it belongs, the other indexes of its
// lane. ARGV: the execution, its score, the name of the index; then, for each field that was read: the number
// of its key, its name, and its value as read, '=' before it, or '' where it was absent. An execution of
// which any of this has changed, or that is where it belongs, is left alone (0); so is an eligible one whose
// claim is granted, which is between two indexes on purpose. Otherwise it is moved: answers the number of
// each other index that had it, and its score there.
constexpr std::string_view move_entry = R"lua(
for i = 4, #ARGV, 3 do
  local value = redis.call('HGET', KEYS[tonumber(ARGV[i])], ARGV[i + 1])
  if (value and '=' .. value or '') ~= ARGV[i + 2] then return 0 end
end
if ARGV[3] == 'eligible' and redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
if redis.call('ZSCORE', KEYS[4], ARGV[1]) then return 0 end
local before = {}
for i = 5, #KEYS do
  local score = redis.call('ZSCORE', KEYS[i], ARGV[1])
  if score then
    before[#before + 1] = i - 5
    before[#before + 1] = score
  end
end
for i = 1, #before, 2 do redis.call('ZREM', KEYS[before[i] + 5], ARGV[1]) end
redis.call('ZADD', KEYS[4], ARGV[2], ARGV[1])
return before
)lua";

template <std::size_t Count>
void add_as_read(scanhost::command& write, int key, const std::array<std::string_view, Count>& fields,
                 const field_values<Count>& values) {
  for (std::size_t i = 0; i < Count; ++i)
    write.arg(key).arg(fields[i]).arg(values[i] ? joined("=", *values[i]) : std::string());
}

// The other indexes of a state, in the order of `state_indexes`.
std::vector<std::string_view> others(std::string_view index) {
  std::vector<std::string_view> names;
  for (const auto name : state_indexes)
    if (name != index) names.push_back(name);
  return names;
}

scanhost::command move_write(const scanhost::services& host, std::string_view tag, const misplaced& execution,
                             const placing_suspension& suspension, std::string_view score) {
  const execution_keys of(tag, execution.id);
  const auto index = execution.core.index();
  std::vector<std::string> keys = {of.core(), of.suspension(), of.claim_grant(),
                                   lane_key(tag, execution.core.lane(), index)};
  for (const auto name : others(index)) keys.push_back(lane_key(tag, execution.core.lane(), name));
  auto write = guarded_write(host, move_entry, keys, execution.id, score, index);
  add_as_read(write, 1, placing_core::fields, execution.core.values);
  if (index == "suspended") add_as_read(write, 2, placing_suspension::fields, suspension.values);
  return write;
}

}  // namespace

struct index_repair::planned {
  misplaced of;
  placing_suspension suspension = {};
  entry_score score = {};

  bool is_orphan() const noexcept { return !of.core.has_phase(); }
};

index_repair::index_repair(scanhost::services host, std::uint64_t each_cycle)
    : host_(host), each_cycle_(each_cycle), left_(each_cycle) {}

void index_repair::begin_cycle() noexcept {
  left_ = each_cycle_;
  told_limit_ = false;
}

task<void> index_repair::repair(scan_context& scan, std::vector<misplaced> found, tally& counts) {
  const auto plans = co_await plan(scan, std::move(found), counts);
  std::span<const planned> left(plans);
  const auto turns = scan.pass(0);
  std::uint32_t tried = 0;
  while (!left.empty() && !counts.cancelled()) {
    const auto turn = co_await turns.next_page(tried);
    if (!turn) break;
    std::vector<const planned*> chosen;
    for (; !left.empty() && chosen.size() < turn.allowance; left = left.subspan(1))
      if (may_repair(left.front(), counts)) chosen.push_back(&left.front());
    co_await write(scan, chosen, counts);
    tried = static_cast<std::uint32_t>(chosen.size());
  }
  if (counts.cancelled()) co_return;
  for (const auto& planned_repair : left) report(planned_repair, "the turns of this scan are over", counts);
}

task<void> index_repair::write(scan_context& scan, const std::vector<const planned*>& chosen,
                               tally& counts) const {
  scanhost::batch writes;
  for (const auto* planned_repair : chosen) {
    const auto& of = planned_repair->of;
    const auto core = execution_keys(scan.tag(), of.id).core();
    auto write =
        planned_repair->is_orphan()
            ? guarded_write(host_, remove_member_without_record,
                            std::array{core, index_key(scan.tag(), "all_executions")}, of.id)
            : move_write(host_, scan.tag(), of, planned_repair->suspension, planned_repair->score.score);
    writes.add(std::move(write.acts(of.id)));
  }
  const auto answers = co_await scan.execute(std::move(writes));
  for (std::size_t i = 0; i < chosen.size(); ++i) note(*chosen[i], answers[i], counts);
}

// One more read for each: the suspension, or whether a claim is granted, or whether there is really no core.
task<std::vector<index_repair::planned>> index_repair::plan(scan_context& scan, std::vector<misplaced> found,
                                                            tally& counts) {
  scanhost::batch reads;
  for (const auto& execution : found) {
    const execution_keys of(scan.tag(), execution.id);
    if (execution.core.index() == "suspended")
      reads.add(hmget(of.suspension(), placing_suspension::fields)).about(execution.id);
    else
      reads.add("EXISTS", execution.core.has_phase() ? of.claim_grant() : of.core()).about(execution.id);
  }
  const auto answers = co_await scan.execute(std::move(reads));
  std::vector<planned> plans;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto answer = answers[i];
    if (answer.cancelled()) {
      counts.cancel();
      co_return plans;
    }
    if (!answer.ok()) {
      counts.add_failure(found[i].id, "reading what its repair needs", answer);
      continue;
    }
    planned planned_repair{std::move(found[i])};
    const bool exists = answer.reply().integer() == 1;
    if (planned_repair.of.core.index() == "suspended")
      planned_repair.suspension.values = read_fields<placing_suspension::fields.size()>(answer.reply());
    if (!planned_repair.is_orphan())
      planned_repair.score = score_of(planned_repair.of.core, planned_repair.suspension, scan.now());
    else if (exists)
      planned_repair.score.obstacle = "its core has no lifecycle_phase";
    if (planned_repair.of.core.index() == "eligible" && exists)
      planned_repair.score.obstacle = "its claim is granted";
    plans.push_back(std::move(planned_repair));
  }
  co_return plans;
}

bool index_repair::may_repair(const planned& planned_repair, tally& counts) {
  if (!planned_repair.score.obstacle.empty()) {
    report(planned_repair, planned_repair.score.obstacle, counts);
    return false;
  }
  if (counts.should_skip(planned_repair.of.id)) {
    report(planned_repair, "its repair failed again and again", counts);
    return false;
  }
  if (left_ > 0) {
    --left_;
    return true;
  }
  report(planned_repair, "the cycle's repairs are used up", counts);
  if (!std::exchange(told_limit_, true))
    host_.log(scanhost::log_level::info,
              joined("all ", std::to_string(each_cycle_),
                     " repairs of this cycle are used up: the rest waits for the next cycles"));
  return false;
}

void index_repair::report(const planned& planned_repair, std::string_view why, tally& counts) const {
  counts.add_processed(false);
  host_.log(scanhost::log_level::warn, joined(planned_repair.of.what, "; not repaired: ", why));
}

void index_repair::note(const planned& planned_repair, const scanhost::outcome& write, tally& counts) const {
  if (write.cancelled()) return counts.cancel();
  if (write.held_back()) return counts.add_skipped();
  if (!write.ok()) return counts.add_failure(planned_repair.of.id, "repairing its entry", write);
  const auto& before = write.reply();
  if (!before.is_array() && before.integer() == 0)
    return;  // it changed: the next cycle sees it as it is then
  counts.add_handled(planned_repair.of.id, true);
  if (planned_repair.is_orphan())
    return host_.log(scanhost::log_level::warn,
                     joined(planned_repair.of.what, "; repaired: before in all_executions, now in no index"));
  const auto names = others(planned_repair.of.core.index());
  std::string places;
  for (std::size_t i = 0; i + 1 < before.size(); i += 2)
    places += joined(places.empty() ? "" : ", ", names.at(static_cast<std::size_t>(before[i].integer())),
                     " at ", before[i + 1].text());
  host_.log(scanhost::log_level::warn,
            joined(planned_repair.of.what, "; repaired: before in ",
                   places.empty() ? std::string_view("none") : std::string_view(places), ", now in ",
                   planned_repair.of.core.index(), " at ", planned_repair.score.score));
}

}  // namespace ff
