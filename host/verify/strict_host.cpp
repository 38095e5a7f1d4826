// SPDX-License-Identifier: Apache-2.0
#include "verify/strict_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace scanhost::verify {
namespace {

constexpr std::size_t max_answers = 20'000;  // of one trial; no correct scan needs as many here
constexpr std::size_t max_answers_after_cancel = 2'000;

std::vector<std::string> invented_members() { return {"alpha", "beta", "gamma"}; }
// What a scan waits for outside the store may come at once, or not at all in a check; there are many scans.
constexpr milliseconds max_real_wait{50};

testing::host_settings settings_of(const behaviour& how, reply_memory& memory) {
  testing::host_settings settings;
  settings.max_pages = std::numeric_limits<std::uint32_t>::max();
  settings.abi_minor =
      static_cast<std::uint16_t>(how.beyond == 0 ? SCANHOST_ABI_MINOR : SCANHOST_ABI_MINOR + 1);
  settings.beyond = how.beyond;
  settings.memory = &memory;
  settings.shuffled = true;
  settings.back_off = how.back_off;
  settings.page_size = how.page_size;
  settings.max_real_wait = max_real_wait;
  settings.plausible = how.plausible;
  settings.members = invented_members();
  settings.mode = SCANHOST_MODE_VERIFY;
  return settings;
}

fault fault_of(testing::rule broken) noexcept {
  switch (broken) {
    case testing::rule::thread:
      return fault::wrong_thread;
    case testing::rule::phase:
      return fault::wrong_phase;
    case testing::rule::finished_twice:
      return fault::finished_twice;
    case testing::rule::finished_early:
      return fault::finished_early;
    case testing::rule::never_finished:
      return fault::never_finished;
    case testing::rule::refused_turn:
      return fault::asks_after_refusal;
    case testing::rule::acted_beyond:
      return fault::acts_beyond_turn;
    case testing::rule::release:
      return fault::bad_release;
    case testing::rule::result:
      return fault::bad_result;
    case testing::rule::refused_command:
      return fault::refused_command;
    case testing::rule::explanation:
      return fault::bad_explanation;
    case testing::rule::call:
      break;
  }
  return fault::bad_call;
}

invented_store::holds held_by(const subject_plugin& plugin, const behaviour& how) noexcept {
  if (!how.has_data) return invented_store::holds::nothing;
  return plugin.store.empty() ? invented_store::holds::whatever_is_asked_for : invented_store::holds::given;
}

}  // namespace

strict_host::strict_host(const subject_plugin& plugin, behaviour how, reply_memory& memory, witness& reports)
    : fake_host(plugin.raw, settings_of(how, memory)),
      how_(std::move(how)),
      reports_(reports),
      store_(held_by(plugin, how_), plugin.store, how_.entries),
      ledger_(how_.judges_calls) {
  invent_option(plugin.description);
  for (const auto& [name, value] : plugin.values) set_value(name, value);
  if (how_.effects) store_.decide(how_.effects);
  store_.offer_small_collections_whole(how_.whole_collections);
  store_.set_now(now());
  store_.refill();
  grant([this](const testing::turn_request& asked) {
    const auto allowance = how_.turns(asked.page);
    ledger_.add_turn(asked, allowance);
    return allowance;
  });
}

// A family whose members an option lists has none where that option is empty.
void strict_host::invent_option(const config::description& plugin) {
  const auto& family = plugin.families.front();
  if (family.members != config::member_source::option) return;
  const auto* table = plugin.find_option(family.members_from);
  if (table != nullptr && table->default_value.empty()) set_option(family.members_from, invented_members());
}

void strict_host::violated(testing::rule broken, const std::string& what) {
  reports_.found(fault_of(broken), what);
}

// A scan that never ends may be inside a call that never returns (the blocking forms), so the check ends
// here.
void strict_host::before_answer(std::string_view tag, bool in_callback) {
  if (in_callback) reports_.step(fmt::format("in a callback of the scan of {}", tag));
  advance(milliseconds(1));
  if (++answers_ == how_.cancel_after) {
    answers_at_cancel_ = std::min(answers_at_cancel_, answers_);
    cancel_all();
  }
  if (answers_at_cancel_ != never && answers_ > answers_at_cancel_ + max_answers_after_cancel) {
    reports_.found(fault::ignores_cancel, "a cancelled scan keeps sending instead of finishing");
    reports_.end();
  }
  if (answers_ <= max_answers) return;
  reports_.found(fault::endless, fmt::format("a scan keeps sending after {} answers", max_answers));
  reports_.end();
}

testing::answer strict_host::answer_to_command(scan_id scan, const testing::call& asked) {
  if (how_.heard) how_.heard(asked);
  if (!testing::memory_store::knows(asked.args.front())) ++unknown_commands_[scan];
  store_.set_now(now());
  auto given = how_.instead ? how_.instead(asked) : std::nullopt;
  if (!given) given = store_.ask(asked);
  const auto wrong = ledger_.add_command(scan, asked, *given, has_turns(scan));
  if (wrong) reports_.found(wrong->kind, wrong->what);
  return std::move(*given);
}

std::size_t strict_host::unknown_commands(scan_id scan) const {
  const auto found = unknown_commands_.find(scan);
  return found == unknown_commands_.end() ? 0 : found->second;
}

void strict_host::begin_round() {
  if (how_.refills) store_.refill();
}

void strict_host::judge_calls() {
  for (const auto& scan : reports())
    if (const auto wrong = ledger_.look_for_unmarked(scan)) reports_.found(wrong->kind, wrong->what);
}

exercise strict_host::exercised() const {
  auto seen = ledger_.totals();
  seen.holds_back = mode_asked_;
  for (const auto& scan : reports()) {
    seen.scans += has_turns(scan.id) ? 1 : 0;
    seen.processed += scan.result.processed;
    seen.skipped += scan.result.skipped;
  }
  return seen;
}

void strict_host::forget_finished() {
  fake_host::forget_finished();
  unknown_commands_.clear();
  ledger_.forget();
  store_.clear();
  answers_ = 0;
}

std::int32_t strict_host::mode() {
  mode_asked_ = true;
  return fake_host::mode();
}

// Nothing of these is kept, so that the memory in use shows what the plugin keeps.
void strict_host::log(std::int32_t, std::string_view, std::span<const scanhost_field>) {
  on_scanner_thread("log");
}
void strict_host::record(scanhost_metric*, double) { on_scanner_thread("record"); }

}  // namespace scanhost::verify
