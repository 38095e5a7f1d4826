// SPDX-License-Identifier: Apache-2.0
//
// pending_wp_expiry: finds waitpoints that were created ahead of a suspension and never used, and closes
// them.
//
// Finds: entries of `pending_waitpoint_expiry` that are due; its members are waitpoint ids.
// Does:  ff_close_waitpoint with the reason `never_committed`; removes entries whose waitpoint is gone or
//        was finished before, which the function leaves. With `closed_waitpoint_ttl` the server deletes the
//        records of what it has closed after that time: nobody else would.
// Leaves alone: active waitpoints, which belong to a suspension; waitpoints in a state that nobody knows
//        (reported). The filter looks at the execution that owns the waitpoint.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/family.hpp"
#include "common/function_call.hpp"
#include "common/guarded_write.hpp"
#include "common/index_scanner.hpp"

namespace ff {

class pending_wp_expiry : public index_scanner {
 public:
  static scanhost::description describe() {
    auto me = described("pending_wp_expiry", "closes waitpoints that were created ahead and never used",
                        std::chrono::seconds(5), 100, flow_family());
    add_options(me, filter_options());
    add_options(me,
                {{.name = "closed_waitpoint_ttl",
                  .type = scanhost::option_type::duration,
                  .default_value = "0ms",
                  .help = "delete the records of a waitpoint so long after it was closed unused; 0: never",
                  .minimum = 0,
                  .maximum = max_ttl}});
    need_functions(me, {"ff_close_waitpoint"});
    return me;
  }

  explicit pending_wp_expiry(scanhost::services host)
      : index_scanner(host, ff::filter(host)), ttl_(host.duration("closed_waitpoint_ttl")) {}

  // A waitpoint lies with its execution, which its id does not tell.
  std::optional<std::uint32_t> find_partition(std::string_view, std::uint32_t) const override {
    return std::nullopt;
  }

 private:
  using step = decision::step;

  // Ten years, in ms.
  static constexpr std::int64_t max_ttl = 3650LL * 24 * 60 * 60 * 1000;

  // KEYS: a waitpoint, its condition, its signals. ARGV: the time to live in ms, the reason for which it was
  // closed. Gives all of them that time, if the waitpoint is still closed for that reason.
  static constexpr std::string_view limit_closed_waitpoint = R"lua(
local state, reason = unpack(redis.call('HMGET', KEYS[1], 'state', 'close_reason'))
if state ~= 'closed' or reason ~= ARGV[2] then return 0 end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[1]) end
return 1
)lua";
  static constexpr std::string_view reason = "never_committed";

  bool sweeps_executions() const override { return false; }
  std::string why_not(const site&, step) const override {
    return "the waitpoint is active: it belongs to a suspension, whose time-out closes it";
  }

  std::string key(std::string_view tag, const index_name&) const override {
    return index_key(tag, "pending_waitpoint_expiry");
  }
  std::string_view function() const override { return "ff_close_waitpoint"; }

  // The owner is known only after the reads.
  scanhost::task<void> screen(scanhost::scan_context&, const site&, page_items&, tally&) const override {
    co_return;
  }

  std::size_t read_count() const override { return 2; }
  void add_reads(scanhost::batch& reads, const site& at, const candidate& candidate) const override {
    const auto waitpoint = waitpoint_key(at.tag, candidate.id);
    reads.add("EXISTS", waitpoint).about(candidate.id);
    reads.add("HMGET", waitpoint, "execution_id", "state").about(candidate.id);
  }

  decision decide(const site& at, const candidate& candidate, const read_answers& answers,
                  scanhost::timestamp) const override {
    const auto exists = answers[0];
    const auto record = answers[1];
    const auto waitpoint = waitpoint_key(at.tag, candidate.id);
    if (!exists.ok()) return fail("reading the waitpoint", exists);
    if (exists.reply().integer() == 0)
      return remove_entry(
          guarded_write(host(), remove_entry_without_record, std::array{waitpoint, at.key}, candidate.id));
    const bool filtered = !filter().accepts_all();
    if (!record.ok()) return filtered ? decision{step::skip} : fail("reading the waitpoint", record);
    const auto owner = record[0].optional_text();
    if (filtered && !owner) return {step::skip};
    const std::array keys = {execution_keys(at.tag, owner.value_or("")).core(), waitpoint, at.key};
    auto next = call(function_call(function(), keys, candidate.id, reason));
    if (record[1].text() == "active") next.what = step::leave;
    next.subject = owner.value_or("");
    return next;
  }

  // Reads and decides; then those pass whose owner the filter accepts.
  scanhost::task<void> read_and_decide(scanhost::scan_context& scan, const site& at, page_items& items,
                                       tally& counts) const override {
    co_await index_scanner::read_and_decide(scan, at, items, counts);
    std::vector<filter_subject> owners;
    std::vector<page_item*> owned;
    for (auto& item : items) {
      if (item.next.what != step::call) continue;
      owners.push_back({std::string(at.tag), item.next.subject});
      owned.push_back(&item);
    }
    bool cancelled = counts.cancelled();
    const auto passing = co_await filter().select(scan, std::move(owners), cancelled);
    if (cancelled) counts.cancel();
    for (std::size_t i = 0; i < owned.size(); ++i)
      if (!passing[i]) owned[i]->next.what = step::skip;
  }

  // What was closed just now gets its time to live.
  scanhost::task<void> act(scanhost::scan_context& scan, const site& at, std::vector<page_item*> chosen,
                           tally& counts) const override {
    const auto items = chosen;
    co_await index_scanner::act(scan, at, std::move(chosen), counts);
    if (ttl_.count() == 0 || counts.cancelled()) co_return;
    scanhost::batch writes;
    for (const auto* item : items) {
      if (!item->of.progressed) continue;
      const auto& id = item->of.id;
      const std::array keys = {waitpoint_key(at.tag, id), condition_key(at.tag, id),
                               waitpoint_signals_key(at.tag, id)};
      auto write = guarded_write(host(), limit_closed_waitpoint, keys, ttl_.count(), reason);
      writes.add(std::move(write.about(id)));
    }
    const auto answers = co_await scan.execute(std::move(writes));
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].cancelled()) co_return counts.cancel();
      if (!answers[i].ok() && !answers[i].held_back())
        counts.add_error("limiting the life of a closed waitpoint", answers[i]);
    }
  }

  verdict judge(const function_reply& reply) const override {
    return reply.accepted() ? verdicts::changed : verdicts::refusal;
  }

  std::optional<scanhost::command> removal_after(const site& at, const candidate& candidate,
                                                 const function_reply& reply) const override {
    const std::array keys = {waitpoint_key(at.tag, candidate.id), at.key};
    if (reply.refused_with("waitpoint_not_found"))
      return guarded_write(host(), remove_entry_without_record, keys, candidate.id);
    if (reply.accepted() && reply.word() == "already_closed")
      return guarded_write(host(), remove_finished_waitpoint, keys, candidate.id);
    return std::nullopt;
  }

  scanhost::milliseconds ttl_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::pending_wp_expiry)
