// SPDX-License-Identifier: Apache-2.0
//
// A scanner of index entries: one or more sorted sets in each partition, and one function that is called for
// each candidate. It does what all of them share: pages, back-off, filter, batched reads and calls,
// counting. What is special stands in the scanner's own file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/filter.hpp"
#include "common/index_sweep.hpp"
#include "common/lanes.hpp"
#include "common/reply_class.hpp"
#include "common/tally.hpp"

namespace ff {

// An index that every partition has.
struct index_name {
  std::string_view lane = {};  // empty unless the scanner sweeps by lane
  std::size_t kind = 0;        // where it sweeps several in each lane
};

// The index that is being swept.
struct site {
  std::uint32_t partition;
  std::string_view tag;
  std::string_view lane;
  std::size_t kind;
  std::string key;
  bool only_reads = false;  // for an explanation: nothing may be written, not even to tidy up
};

// What is to be done with a candidate after its reads.
struct decision {
  enum class step {
    call,       // send `action`, judge its reply
    remove,     // send `action`, a guarded write that removes the entry: handled, nothing changed
    pass_over,  // a call would change nothing: handled, the entry stays
    leave,      // not for this scan: not counted, the entry stays
    gone,       // not in the index any more: not counted
    skip,       // rejected by the filter, or in back-off
    fail        // an error, for `reason`
  };
  step what = step::leave;
  scanhost::command action{""};
  std::string reason = {};
  std::string subject = {};  // what a later step of the page looks at, where the scanner has one
  std::string scope = {};    // where that step looks, likewise
};

decision call(scanhost::command action);
decision remove_entry(scanhost::command action);
decision fail(std::string_view what, const scanhost::outcome& outcome);

// The answers to the reads of one candidate.
class read_answers {
 public:
  read_answers(const scanhost::replies& answers, std::size_t first) : answers_(answers), first_(first) {}
  scanhost::outcome operator[](std::size_t index) const { return answers_[first_ + index]; }

 private:
  const scanhost::replies& answers_;
  std::size_t first_;
};

struct page_item {
  explicit page_item(candidate& candidate) : of(candidate) {}

  candidate& of;
  decision next = {};
  bool open = true;  // `next` is not decided yet
};
using page_items = std::vector<page_item>;

class index_scanner : public scanhost::scanner {
 public:
  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) final;

  // Judges the item's entry in each index by the steps of a page, as a scan would.
  scanhost::task<void> explain(scanhost::scan_context& scan, scanhost::explanation& item) final;
  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count) const override;

 protected:
  // One index in each partition.
  index_scanner(scanhost::services host, ff::filter filter);
  // `kinds` indexes in each lane. `scored`: only entries whose score has come are candidates.
  index_scanner(scanhost::services host, ff::filter filter, const std::vector<std::string>& lane_names,
                std::size_t kinds = 1, bool scored = true);

  virtual std::string key(std::string_view tag, const index_name& index) const = 0;
  virtual std::string_view function() const = 0;

  // Before the first index of a partition is swept.
  virtual void begin_scan(const scanhost::scan_context& /*scan*/) {}
  // Likewise before an item is explained; gives the site's partition, which a scan may be in at the same
  // time.
  virtual std::uint32_t begin_explanation(const scanhost::scan_context& scan) { return scan.index(); }

  // Whether the members of its indexes are executions, whose state an explanation shows.
  virtual bool sweeps_executions() const { return true; }
  // For people: why an entry that is due is not acted on, where the decision does not say so itself.
  virtual std::string why_not(const site& at, decision::step what) const;

  // The reads of a candidate: always `read_count` of them.
  virtual std::size_t read_count() const { return 0; }
  virtual void add_reads(scanhost::batch& /*reads*/, const site& /*at*/,
                         const candidate& /*candidate*/) const {}

  // What to do, after the reads and as of `now`.
  virtual decision decide(const site& at, const candidate& candidate, const read_answers& answers,
                          scanhost::timestamp now) const = 0;

  virtual verdict judge(const function_reply& reply) const = 0;

  // After a reply that leaves a stale entry behind: the guarded write that removes it.
  virtual std::optional<scanhost::command> removal_after(const site& /*at*/, const candidate& /*candidate*/,
                                                         const function_reply& /*reply*/) const {
    return std::nullopt;
  }

  // The steps of a page. By default the filter looks at the candidates themselves, before their reads.
  virtual scanhost::task<void> screen(scanhost::scan_context& scan, const site& at, page_items& items,
                                      tally& counts) const;
  virtual scanhost::task<void> read_and_decide(scanhost::scan_context& scan, const site& at,
                                               page_items& items, tally& counts) const;
  virtual scanhost::task<void> act(scanhost::scan_context& scan, const site& at,
                                   std::vector<page_item*> chosen, tally& counts) const;

  const ff::filter& filter() const noexcept { return filter_; }
  const scanhost::services& host() const noexcept { return host_; }

 private:
  class sweep;
  scanhost::task<scanhost::finding> explain_entry(scanhost::scan_context& scan, const site& at,
                                                  const std::string& id, const scanhost::outcome& entry);
  scanhost::finding finding_of(const site& at, const decision& next) const;
  std::size_t index_count() const { return lanes_ ? lanes_->size() * kinds_ : 1; }
  index_name index_at(std::size_t number) const;
  scanhost::task<void> handle(scanhost::scan_context& scan, const site& at, page& offered,
                              const index_walk& walk, page_gate& gate, tally& counts) const;
  // Those of a page that are acted on: at most `allowance` calls. What lies behind the last of them comes
  // with the next page.
  static std::vector<page_item*> choose(page_items& items, std::uint32_t allowance, tally& counts);
  static void count_unacted(const page_item& item, tally& counts);
  void settle(page_item& item, const site& at, const scanhost::outcome& outcome, scanhost::batch& removals,
              std::vector<page_item*>& removed, tally& counts) const;

  scanhost::services host_;
  ff::filter filter_;
  std::optional<lanes> lanes_;  // nothing: one index that belongs to no lane
  std::size_t kinds_ = 1;
  bool scored_ = true;
  index_memories memories_;
};

// The score of an entry, read again just before the call: whether it is still in its index and due.
enum class still { due, later, gone };
still still_due(const scanhost::reply& score, scanhost::timestamp now);

}  // namespace ff
