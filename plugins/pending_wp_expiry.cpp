// SPDX-License-Identifier: Apache-2.0
//
// pending_wp_expiry: finds waitpoints that were created ahead of a suspension and never used, and closes
// them.
//
// Finds: entries of `pending_waitpoint_expiry` that are due; its members are waitpoint ids.
// Does:  ff_close_waitpoint with the reason `never_committed`; removes entries whose waitpoint is gone or
//        was finished before, which the function leaves.
// Leaves alone: active waitpoints, which belong to a suspension; waitpoints in a state that nobody knows
//        (reported). The filter looks at the execution that owns the waitpoint.
#include <array>

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
    need_functions(me, {"ff_close_waitpoint"});
    return me;
  }

  explicit pending_wp_expiry(scanhost::services host) : index_scanner(host, ff::filter(host)) {}

 private:
  using step = decision::step;

  std::string key(std::string_view tag, const index_name&) const override {
    return index_key(tag, "pending_waitpoint_expiry");
  }
  std::string_view function() const override { return "ff_close_waitpoint"; }

  // The owner is known only after the reads.
  scanhost::task<void> screen(scanhost::scan_context&, const site&, page_items&, tally&) const override {
    co_return;
  }

  std::size_t read_count() const override { return 2; }
  void add_reads(scanhost::batch& reads, const site& at, const candidate& one) const override {
    const auto waitpoint = waitpoint_key(at.tag, one.id);
    reads.add("EXISTS", waitpoint).about(one.id);
    reads.add("HMGET", waitpoint, "execution_id", "state").about(one.id);
  }

  decision decide(const site& at, const candidate& one, const read_answers& answers,
                  scanhost::timestamp) const override {
    const auto exists = answers[0];
    const auto record = answers[1];
    const auto waitpoint = waitpoint_key(at.tag, one.id);
    if (!exists.ok()) return fail("reading the waitpoint", exists);
    if (exists.reply().integer() == 0)
      return remove_entry(guarded_write(remove_entry_without_record, std::array{waitpoint, at.key}, one.id));
    const bool filtered = !filter().accepts_all();
    if (!record.ok()) return filtered ? decision{step::skip} : fail("reading the waitpoint", record);
    const auto owner = record[0].optional_text();
    if (filtered && !owner) return {step::skip};
    const std::array keys = {execution_keys(at.tag, owner.value_or("")).core(), waitpoint, at.key};
    auto next = call(function_call(function(), keys, one.id, "never_committed"));
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

  verdict judge(const function_reply& reply) const override {
    return reply.accepted() ? verdicts::changed : verdicts::refusal;
  }

  std::optional<scanhost::command> removal_after(const site& at, const candidate& one,
                                                 const function_reply& reply) const override {
    const std::array keys = {waitpoint_key(at.tag, one.id), at.key};
    if (reply.refused_with("waitpoint_not_found"))
      return guarded_write(remove_entry_without_record, keys, one.id);
    if (reply.accepted() && reply.word() == "already_closed")
      return guarded_write(remove_finished_waitpoint, keys, one.id);
    return std::nullopt;
  }
};

}  // namespace ff

SCANHOST_PLUGIN(ff::pending_wp_expiry)
