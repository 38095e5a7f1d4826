// SPDX-License-Identifier: Apache-2.0
//
// budget_reset: finds budgets whose period is over, and resets their usage.
//
// Finds: entries of `budget_resets` that are due.
// Does:  ff_reset_budget, which zeroes the usage and schedules the next reset; removes entries of budgets
//        that were deleted, for which the function would make up a record.
// Leaves alone: budgets that another host is resetting at this moment. A reset is not idempotent: it is
//        claimed first, under a key that lives for the length of the call, so that no period is reset twice.
#include <array>
#include <cstddef>

#include "common/family.hpp"
#include "common/function_call.hpp"
#include "common/guarded_write.hpp"
#include "common/index_scanner.hpp"

namespace ff {
namespace {

// KEYS: the index, the claim. ARGV: the budget's id, now, ms that the claim lives. Claims the reset if it is
// still due and nobody else is about it.
constexpr std::string_view claim_reset = R"lua(
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not due or tonumber(due) > tonumber(ARGV[2]) then return 0 end
if redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[3]) then return 1 end
return 0
)lua";

constexpr std::chrono::milliseconds claim_lifetime{10'000};

}  // namespace

class budget_reset : public index_scanner {
 public:
  static scanhost::description describe() {
    auto me = described("budget_reset", "resets the usage of budgets whose period is over",
                        std::chrono::seconds(15), 20, budget_family());
    add_options(me, ignored_filter_options());
    need_functions(me, {"ff_reset_budget"});
    return me;
  }

  explicit budget_reset(scanhost::services host) : index_scanner(host, ff::filter({}, {})) {}

 private:
  std::string key(std::string_view tag, const index_name&) const override {
    return index_key(tag, "budget_resets");
  }
  std::string_view function() const override { return "ff_reset_budget"; }
  bool sweeps_executions() const override { return false; }

  std::size_t read_count() const override { return 1; }
  void add_reads(scanhost::batch& reads, const site& at, const candidate& candidate) const override {
    reads.add("EXISTS", budget_key(at.tag, candidate.id)).about(candidate.id);
  }

  decision decide(const site& at, const candidate& candidate, const read_answers& answers,
                  scanhost::timestamp now) const override {
    const auto exists = answers[0];
    const auto definition = budget_key(at.tag, candidate.id);
    if (!exists.ok()) return fail("reading its definition", exists);
    if (exists.reply().integer() == 0)
      return remove_entry(
          guarded_write(host(), remove_entry_without_record, std::array{definition, at.key}, candidate.id));
    const std::array keys = {definition, budget_usage_key(at.tag, candidate.id), at.key};
    return call(function_call(function(), keys, candidate.id, scanhost::to_ms(now)));
  }

  scanhost::task<void> act(scanhost::scan_context& scan, const site& at, std::vector<page_item*> chosen,
                           tally& counts) const override {
    scanhost::batch claims;
    for (const auto* item : chosen)
      if (item->next.what == decision::step::call)
        claims
            .add(guarded_write(host(), claim_reset, std::array{at.key, claim_key(at, item->of)}, item->of.id,
                               scanhost::to_ms(scan.now()), claim_lifetime.count()))
            .acts(item->of.id);
    const auto answers = co_await scan.execute(std::move(claims));
    scanhost::batch releases;
    std::vector<page_item*> mine;
    std::size_t next = 0;
    for (auto* item : chosen) {
      if (item->next.what == decision::step::call) {
        const auto claim = answers[next++];
        if (!is_mine(item->of, claim, counts)) continue;
        if (claim.ok()) releases.add("DEL", claim_key(at, item->of)).about(item->of.id);
      }
      mine.push_back(item);
    }
    if (!mine.empty()) co_await index_scanner::act(scan, at, std::move(mine), counts);
    co_await scan.execute(std::move(releases));
  }

  static std::string claim_key(const site& at, const candidate& candidate) {
    return joined(budget_key(at.tag, candidate.id), ":reset_claim");
  }

  // In a dry run the claim is held back, and so is the call that follows.
  static bool is_mine(candidate& candidate, const scanhost::outcome& claim, tally& counts) {
    if (claim.ok()) return claim.reply().integer() == 1;
    if (claim.held_back()) return true;
    if (claim.cancelled()) {
      counts.cancel();
      return false;
    }
    counts.note_waiting(candidate.due);
    counts.add_failure(candidate.id, "claiming its reset", claim);
    return false;
  }

  verdict judge(const function_reply& reply) const override { return judge_reset_budget(reply); }
};

}  // namespace ff

SCANHOST_PLUGIN(ff::budget_reset)
