// SPDX-License-Identifier: Apache-2.0
//
// unblock: finds executions whose reason to wait is over, and makes them eligible.
//
// Finds: all entries of each lane's `blocked:budget`, `blocked:quota` and `blocked:route`, whose reason is
//        the one of that set and whose condition has cleared: every budget has room, the quota policy would
//        admit one more, the workers together can do what is required.
// Does:  ff_unblock_execution; removes entries of executions that are gone or not blocked in that way.
// Leaves alone: executions with another reason (above all `paused_by_flow_cancel`), whatever cannot be
//        judged because a budget or policy cannot be read, and `blocked:operator`.
#include <array>
#include <deque>
#include <optional>

#include "common/family.hpp"
#include "common/function_call.hpp"
#include "common/guarded_write.hpp"
#include "common/index_scanner.hpp"
#include "unblock/budget_breaches.hpp"
#include "unblock/quota_admission.hpp"
#include "unblock/routes.hpp"

namespace ff {
namespace {

enum kind : std::size_t { budget, quota, route };

struct blocked_set {
  std::string_view name;
  std::string_view reason;
  std::string_view eligibility;
  std::string_view condition;  // field of the core
};

constexpr std::array<blocked_set, 3> sets = {{
    {"blocked:budget", "waiting_for_budget", "blocked_by_budget", "budget_ids"},
    {"blocked:quota", "waiting_for_quota", "blocked_by_quota", "quota_policy_id"},
    {"blocked:route", "waiting_for_capable_worker", "blocked_by_route", "required_capabilities"},
}};

// KEYS: a core, a blocked set. ARGV: the execution's id, the eligibility that belongs to the set. Removes the
// entry if the execution is not runnable with that eligibility.
constexpr std::string_view remove_if_not_blocked = R"lua(
local state = redis.call('HMGET', KEYS[1], 'lifecycle_phase', 'eligibility_state')
if state[1] == 'runnable' and state[2] == ARGV[2] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
)lua";

}  // namespace

class unblock : public index_scanner {
 public:
  static scanhost::description describe() {
    auto me = described("unblock", "makes blocked executions eligible whose reason to wait is over",
                        std::chrono::seconds(5), 100, flow_family());
    me.families.push_back(budget_family());
    me.families.push_back(quota_family());
    add_options(me, {lanes_option(), worker_registry_option()});
    add_options(me, filter_options());
    need_functions(me, {"ff_unblock_execution"});
    me.optional_functions = registry_functions();
    return me;
  }

  explicit unblock(scanhost::services host)
      : index_scanner(host, ff::filter(host), host.list("lanes"), sets.size(), false),
        routes_(host, host.text("worker_registry")) {}

 private:
  using step = decision::step;

  std::string key(std::string_view tag, const index_name& index) const override {
    return lane_key(tag, index.lane, sets[index.kind].name);
  }
  std::string_view function() const override { return "ff_unblock_execution"; }

  void begin_scan(const scanhost::scan_context& scan) override { forget_budgets(scan.index()); }
  // Behind those of the partitions, which scans may use meanwhile.
  std::uint32_t begin_explanation(const scanhost::scan_context& scan) override {
    forget_budgets(scan.partition_count());
    return scan.partition_count();
  }
  void forget_budgets(std::size_t partition) {
    if (partition >= budgets_.size()) budgets_.resize(partition + 1);
    budgets_[partition] = {};
  }

  std::string why_not(const site& at, step) const override {
    constexpr std::array<std::string_view, sets.size()> waits = {
        "one of its budgets has no room", "its quota policy admits no further execution",
        "it waits for a worker that can do what it requires"};
    return joined("it is blocked for another reason than ", sets[at.kind].reason, ", or ", waits[at.kind]);
  }

  std::size_t read_count() const override { return 2; }
  void add_reads(scanhost::batch& reads, const site& at, const candidate& candidate) const override {
    const auto core = execution_keys(at.tag, candidate.id).core();
    if (at.kind == route)
      reads.add("HMGET", core, "blocking_reason", sets[at.kind].condition, "namespace").about(candidate.id);
    else
      reads.add("HMGET", core, "blocking_reason", sets[at.kind].condition).about(candidate.id);
    reads.add("EXISTS", core).about(candidate.id);
  }

  decision decide(const site& at, const candidate& candidate, const read_answers& answers,
                  scanhost::timestamp now) const override {
    const auto& set = sets[at.kind];
    const auto core = answers[0];
    const auto exists = answers[1];
    const auto core_key = execution_keys(at.tag, candidate.id).core();
    if (!core.ok()) return fail("reading its core", core);
    if (!exists.ok()) return fail("reading its core", exists);
    if (exists.reply().integer() == 0)
      return remove_entry(
          guarded_write(host(), remove_entry_without_record, std::array{core_key, at.key}, candidate.id));
    if (core[0].text() != set.reason) return {step::leave};
    const std::array keys = {core_key, at.key, lane_key(at.tag, at.lane, "eligible")};
    auto next = call(function_call(function(), keys, candidate.id, scanhost::to_ms(now), set.reason));
    next.subject = core[1].text();
    next.scope = core[2].text();
    return next;
  }

  // Reads and decides; then only those are called whose condition has cleared.
  scanhost::task<void> read_and_decide(scanhost::scan_context& scan, const site& at, page_items& items,
                                       tally& counts) const override {
    co_await index_scanner::read_and_decide(scan, at, items, counts);
    std::vector<page_item*> waiting;
    for (auto& item : items)
      if (item.next.what == step::call && has_condition(at, item.next)) waiting.push_back(&item);
    if (waiting.empty() || counts.cancelled()) co_return;
    if (at.kind == budget)
      co_await check_budgets(scan, at, std::move(waiting), counts);
    else if (at.kind == quota)
      co_await check_quotas(scan, at, std::move(waiting), counts);
    else if (!at.only_reads)
      co_await check_routes(scan, std::move(waiting), counts);
    else
      leave_routes(waiting);
  }

  // A candidate for a route needs its namespace whatever it requires.
  static bool has_condition(const site& at, const decision& next) {
    return !next.subject.empty() || (at.kind == route && next.scope.empty());
  }

  scanhost::task<void> check_budgets(scanhost::scan_context& scan, const site& at,
                                     std::vector<page_item*> waiting, tally& counts) const {
    auto& known = budgets_[at.partition];
    std::vector<std::string> lists;
    lists.reserve(waiting.size());
    for (const auto* item : waiting) lists.push_back(item->next.subject);
    bool cancelled = false;
    co_await known.load(scan, lists, host(), cancelled);
    if (cancelled) counts.cancel();
    for (auto* item : waiting)
      if (!known.all_have_room(item->next.subject)) item->next.what = step::leave;
  }

  scanhost::task<void> check_quotas(scanhost::scan_context& scan, const site& at,
                                    std::vector<page_item*> waiting, tally& counts) const {
    std::vector<std::string> ids;
    ids.reserve(waiting.size());
    for (const auto* item : waiting) ids.push_back(item->next.subject);
    const auto answers = co_await read_admissions(scan, ids, host(), at.only_reads);
    for (auto* item : waiting) {
      const auto& [admits, reason] = answers.at(item->next.subject);
      if (admits == admission::cancelled) counts.cancel();
      if (admits == admission::open) continue;
      item->next.what = admits == admission::unreadable ? step::fail : step::leave;
      item->next.reason = reason;
    }
  }

  // What the workers can do is read once for a cycle, in ways that an explanation may not use.
  static void leave_routes(const std::vector<page_item*>& waiting) {
    for (auto* item : waiting) {
      item->next.what = step::leave;
      item->next.reason = "it waits for a worker that can do what it requires, which each cycle looks for";
    }
  }

  scanhost::task<void> check_routes(scanhost::scan_context& scan, std::vector<page_item*> waiting,
                                    tally& counts) const {
    for (auto* item : waiting) {
      const auto [result, reason] = co_await routes_.check(scan, item->next.scope, item->next.subject);
      if (result == coverage::cancelled) counts.cancel();
      if (result == coverage::covered) continue;
      item->next.what = result == coverage::unreadable ? step::fail : step::leave;
      item->next.reason = reason;
    }
  }

  verdict judge(const function_reply& reply) const override {
    return reply.accepted() ? verdicts::changed : verdicts::refusal;
  }

  std::optional<scanhost::command> removal_after(const site& at, const candidate& candidate,
                                                 const function_reply& reply) const override {
    const std::array keys = {execution_keys(at.tag, candidate.id).core(), at.key};
    if (reply.refused_with("execution_not_found"))
      return guarded_write(host(), remove_entry_without_record, keys, candidate.id);
    if (reply.refused_with("execution_not_eligible"))
      return guarded_write(host(), remove_if_not_blocked, keys, candidate.id, sets[at.kind].eligibility);
    return std::nullopt;
  }

  mutable std::deque<budget_breaches> budgets_;  // by partition, of the current scan; then of an explanation
  mutable routes routes_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::unblock)
