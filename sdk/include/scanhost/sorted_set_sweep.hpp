// SPDX-License-Identifier: Apache-2.0
//
// A sweep over sorted sets: the page loop of a scanner whose index is one. The scanner says which index,
// which call to make for a candidate, and what a reply means; the sweep does the rest: turns, pages,
// candidates that stay in the index, items that fail and their back-off, the allowance of calls, counting,
// when the next one comes due, and the place where the next cycle goes on.
//
//   explicit my_scanner(services host) : sweep_(host, score_unit::unix_ms) {}
//   task<result> scan(scan_context& scan) override {
//     const std::string tag(scan.tag());
//     return sweep_.run(scan, "due:" + tag, [=](const candidate& item) {
//       return command("FCALL", "finish", 1, "item:" + tag + ":" + item.id, item.id);
//     });
//   }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "candidate.hpp"
#include "decision.hpp"
#include "detail/page_handling.hpp"
#include "detail/partition_memories.hpp"
#include "scanner.hpp"
#include "sorted_set_walk.hpp"

namespace scanhost::inline v1_0 {

// Which sorted set a pass goes over. A key converts by itself.
class sorted_set {
 public:
  sorted_set(std::string key) : key_(std::move(key)) {}
  sorted_set(const char* key) : key_(key) {}

  // Several indexes in one scan are passes 0, 1, ...
  sorted_set& pass(std::uint32_t number) {
    pass_ = number;
    return *this;
  }
  // A key or tag elsewhere than in the scan's partition: where it is read. Give its calls a route, too.
  sorted_set& route(std::string key_or_tag) {
    route_ = std::move(key_or_tag);
    return *this;
  }
  // Samples the length of the set as the backlog, in cycles (not in early visits): one more command.
  sorted_set& sample_backlog() {
    backlog_ = true;
    return *this;
  }

  const std::string& key() const noexcept { return key_; }
  std::uint32_t pass() const noexcept { return pass_; }
  const std::string& route() const noexcept { return route_; }
  bool samples_backlog() const noexcept { return backlog_; }

 private:
  std::string key_;
  std::string route_;
  std::uint32_t pass_ = 0;
  bool backlog_ = false;
};

// A member of the scanner, which has to outlive its scans: it knows the places in all partitions.
class sorted_set_sweep {
 public:
  // An entry is due when its score's moment is `lag` ago. With score_unit::none each entry is a candidate in
  // every cycle. Throws std::runtime_error when the host does not track failures.
  sorted_set_sweep(services host, score_unit unit, milliseconds lag = {})
      : host_(host), rule_{.unit = unit, .lag = lag, .ahead = 2 * host.interval()} {
    (void)host.failures();
  }
  sorted_set_sweep(const sorted_set_sweep&) = delete;  // scans know where it is
  sorted_set_sweep& operator=(const sorted_set_sweep&) = delete;

  // One pass. `decide` is copied; it is called for each candidate that is due and not in back-off, and
  // returns
  //   a command            make this call; the sweep marks it as acting on the candidate,
  //   std::optional of it  nothing: leave the candidate alone,
  //   a decision           these, and skip(), unchanged(), fail(reason).
  // Or it takes a page, std::span<const candidate>, and returns a task<std::vector<decision>>, one for each:
  // where something has to be read first, in one batch. `judge` takes a reply, or a candidate and a reply,
  // and returns whether something was changed, or a verdict. What either throws fails the scan.
  //
  // Calls have to look again (guarded writes): a candidate may have changed since its page was read. One
  // whose call succeeded is not called again in this pass, should it still be there.
  template <class Decide, class Judge = changed_unless_zero>
  task<result> run(scan_context& scan, sorted_set index, Decide decide, Judge judge = {}) {
    static_assert(
        detail::decides_each<Decide, candidate> || detail::decides_pages<Decide, candidate>,
        "decide takes a const candidate& and returns a command, an optional command or a decision; or it "
        "takes a std::span<const candidate> and returns a task<std::vector<decision>>");
    static_assert(detail::judges<Judge, candidate>, "judge takes a reply, or a const candidate& and a reply");
    detail::scan_count counts(host_, scan);
    detail::page_handling<candidate, Decide, Judge> pages(scan, counts, decide, judge);
    auto& memory = memories_.of(scan, index.pass());
    sorted_set_walk walk(index.key(), rule_, memory.index, scan.early());
    progress done;
    bool sample = index.samples_backlog() && !scan.early();
    const auto pass = scan.pass(index.pass());
    std::uint32_t acted = 0;
    while (!walk.done() && !counts.cancelled()) {
      const auto turn = co_await pass.next_page(std::exchange(acted, 0));
      if (!turn) break;
      page offered;
      if (!co_await read(scan, index, walk, std::exchange(sample, false), offered, counts))
        co_return counts.found();
      acted = co_await pages.handle(offered.candidates, turn.allowance);
      if (!scan.early() && !walk.resumed()) done.compare_heads(offered, memory.head);
      done.add(offered);
      walk.advance(offered);
      done.left_over = first_unexamined(offered);
    }
    stop(walk, memory, done, scan.early());
    if (done.left_over && rule_.scored()) counts.note_waiting(*done.left_over);
    counts.found().next_due = walk.next_due();
    co_return counts.found();
  }

 private:
  // After so many failures in a row an item is held back. An index that stalls more often may have more
  // failing ones at its head than the back-off holds back at a time.
  static constexpr std::uint32_t max_stalled = 3;

  using id_and_score = std::optional<std::pair<std::string, std::string>>;

  // What is kept of one index of one partition.
  struct place_in_index {
    index_memory index = {};
    id_and_score head = {};  // of the first that the last cycle acted on
  };

  // What a walk did so far, as the next cycle wants to know it.
  struct progress {
    std::uint32_t acted_on = 0;
    bool moved = false;   // a candidate that was acted on left the index, or was changed
    bool stayed = false;  // one is still where it was, though nothing failed
    bool head_stays = false;
    id_and_score head = {};  // of the first that was acted on
    std::optional<timestamp> left_over = {};

    // One that had its call in the last cycle may be at the head again as it was: then calls do not move it.
    void compare_heads(const page& handled, const id_and_score& last) {
      if (head || handled.candidates.empty() || !handled.candidates.front().acted_on) return;
      head.emplace(handled.candidates.front().id, handled.candidates.front().score);
      head_stays = head == last;
    }

    void add(const page& handled) {
      for (const auto& each : handled.candidates) {
        if (!each.acted_on) continue;
        ++acted_on;
        if (each.entry == fate::left || each.progressed) moved = true;
        if (each.entry == fate::stays && !each.progressed && !each.failed) stayed = true;
      }
    }
  };

  // Reads the next page of the walk. False: the scan ends here, with an error or because it was cancelled.
  task<bool> read(scan_context& scan, const sorted_set& index, sorted_set_walk& walk, bool sample,
                  page& offered, detail::scan_count& counts) const {
    const auto limit = host_.page_size();
    offered.read_at = scan.now();
    batch questions;
    questions.add(walk.query(offered.read_at, limit)).route(index.route());
    if (sample) questions.add("ZCARD", index.key()).route(index.route());
    const auto answers = co_await scan.execute(std::move(questions));
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (answers[i].cancelled()) co_return false;
    if (sample && answers[1].ok())
      counts.found().backlog = static_cast<std::uint64_t>(answers[1].reply().integer());
    if (!answers[0].ok())
      counts.add_error("reading " + index.key(), answers[0]);
    else if (!walk.take(answers[0].reply(), offered.read_at, limit, offered))
      counts.add_error("reading " + index.key() + ": the reply has an unexpected shape");
    else
      co_return true;
    co_return false;
  }

  // After a page of candidates the next cycle begins at the head, as long as the head moves: what is done
  // makes room, and what fails is held back soon. Where all of a page stays as it is, or fails and fails, the
  // next cycles go on behind it, to the end of the index.
  void stop(sorted_set_walk& walk, place_in_index& memory, const progress& done, bool early) const {
    const bool page_done = done.acted_on >= host_.page_size();
    auto& stalled = memory.index.stalled;
    if (!early) stalled = page_done && !done.moved ? stalled + 1 : 0;
    if (!early && !walk.resumed()) memory.head = done.head;
    const bool stuck = done.head_stays || (!done.moved && (done.stayed || stalled > max_stalled));
    walk.stop(!page_done || walk.resumed() || stuck);
  }

  // The oldest candidate of a page that nobody looked at.
  static std::optional<timestamp> first_unexamined(const page& offered) {
    for (const auto& each : offered.candidates)
      if (each.entry == fate::unexamined) return each.due;
    return std::nullopt;
  }

  services host_;
  due_rule rule_;
  detail::partition_memories<place_in_index> memories_;
};

}  // namespace scanhost::inline v1_0
