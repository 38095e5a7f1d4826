// SPDX-License-Identifier: Apache-2.0
//
// What the sweeps share: back-off, the decisions about a page, its calls in one batch, and counting.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "../candidate.hpp"
#include "../decision.hpp"
#include "../result.hpp"
#include "../scan_context.hpp"
#include "../services.hpp"
#include "../task.hpp"

namespace scanhost::inline v1_0::detail {

// The two forms of what an author gives to a sweep: for each candidate, or for a page of them at once.
template <class Decide, class Item>
concept decides_each = std::invocable<Decide&, const Item&> &&
    std::convertible_to<std::invoke_result_t<Decide&, const Item&>, decision>;
template <class Decide, class Item>
concept decides_pages = std::invocable<Decide&, std::span<const Item>> &&
    std::same_as<std::invoke_result_t<Decide&, std::span<const Item>>, task<std::vector<decision>>>;

template <class Judge, class Item>
concept judges = std::invocable<Judge&, const Item&, reply> || std::invocable<Judge&, reply>;

// Counts a scan, and says to the failure tracker what became of its items.
class scan_count {
 public:
  scan_count(const services& host, const scan_context& scan)
      : host_(host), failures_(host.failures()), scan_(scan) {}

  bool should_skip(std::string_view item) const { return failures_.should_skip(scan_, item); }
  void add_skipped() noexcept { ++found_.skipped; }
  void add_handled(std::string_view item, bool changed) {
    failures_.success(scan_, item);
    ++found_.processed;
    if (!changed) ++found_.unchanged;
  }
  // `due`: the epoch where it is no moment.
  void add_failure(std::string_view item, std::string_view reason, timestamp due) {
    failures_.failure(scan_, item, reason);
    ++found_.errors;
    note_waiting(due);
  }
  // A read that failed; what it is worth a line for, an operator has to mend.
  void add_error(std::string_view what, const outcome& read) {
    ++found_.errors;
    if (read.error_reply())
      host_.log(log_level::warn, std::string(what) + ": " + std::string(read.message()));
  }
  void add_error(std::string_view what) {
    ++found_.errors;
    host_.log(log_level::warn, what);
  }
  void note_waiting(timestamp due) {
    if (due != timestamp{} && (!found_.oldest_due || due < *found_.oldest_due)) found_.oldest_due = due;
  }

  // The host ends this scan: what was counted is reported, and nothing more is asked for.
  void cancel() noexcept { cancelled_ = true; }
  bool cancelled() const noexcept { return cancelled_; }
  result& found() noexcept { return found_; }

 private:
  const services& host_;
  failures failures_;
  const scan_context& scan_;
  result found_;
  bool cancelled_ = false;
};

inline timestamp due_of(const candidate& item) noexcept { return item.due; }
inline timestamp due_of(const element&) noexcept { return {}; }

// The pages of one pass. What it is given outlives it.
template <class Item, class Decide, class Judge>
class page_handling {
 public:
  page_handling(const scan_context& scan, scan_count& counts, Decide& decide, Judge& judge)
      : scan_(scan), counts_(counts), decide_(decide), judge_(judge) {}

  // Decides about the page, in order, and calls for at most `allowance` of its items; what lies behind the
  // last of them stays unexamined. Yields how many were acted on.
  task<std::uint32_t> handle(std::span<Item> page, std::uint32_t allowance) {
    auto decisions = co_await decide_all(page, allowance);
    batch calls;
    std::vector<Item*> chosen;
    for (std::size_t i = 0; i < page.size(); ++i) {
      if (!settle_or_choose(page[i], decisions[i], allowance, calls, chosen)) break;
    }
    const auto answers = co_await scan_.execute(std::move(calls));
    for (std::size_t i = 0; i < chosen.size(); ++i) settle(*chosen[i], answers[i]);
    co_return static_cast<std::uint32_t>(chosen.size());
  }

  bool acted_on(std::string_view id) const { return acted_.contains(std::hash<std::string_view>{}(id)); }

 private:
  using kind = decision::kind;

  task<std::vector<decision>> decide_all(std::span<Item> page, std::uint32_t allowance) {
    std::vector<decision> decisions(page.size(), decision::none());
    std::vector<std::size_t> open;
    std::uint32_t calls = 0;
    for (std::size_t i = 0; i < page.size() && calls < allowance; ++i) {
      // One that is offered again in the same pass has had its call.
      if (acted_on(page[i].id))
        decisions[i] = decision::leave();
      else if (counts_.should_skip(page[i].id)) {
        decisions[i] = decision::skip();
        counts_.note_waiting(due_of(page[i]));  // in back-off, but due
      } else if constexpr (decides_each<Decide, Item>)
        calls += (decisions[i] = decide_(std::as_const(page[i]))).what() == kind::act ? 1 : 0;
      else
        open.push_back(i);
    }
    // What is decided is done: a decision may have effects of its own, such as a request. So no more are
    // offered at once than may still be acted on.
    for (std::span rest(std::as_const(open)); !rest.empty() && calls < allowance;) {
      const auto offered = rest.first(std::min<std::size_t>(rest.size(), allowance - calls));
      if constexpr (!decides_each<Decide, Item>) co_await decide_together(page, offered, decisions);
      for (const auto i : offered) calls += decisions[i].what() == kind::act ? 1 : 0;
      rest = rest.subspan(offered.size());
    }
    co_return decisions;
  }

  // The form for pages sees only those that are open.
  task<void> decide_together(std::span<Item> page, std::span<const std::size_t> open,
                             std::vector<decision>& decisions) {
    std::vector<Item> items;
    for (const auto i : open) items.push_back(std::move(page[i]));
    auto decided = co_await decide_(std::span<const Item>(items));
    if (decided.size() != items.size())
      throw std::logic_error("a page of " + std::to_string(items.size()) + " candidates was answered with " +
                             std::to_string(decided.size()) + " decisions");
    for (std::size_t i = 0; i < open.size(); ++i) {
      page[open[i]] = std::move(items[i]);
      decisions[open[i]] = std::move(decided[i]);
    }
  }

  // False: it is not examined in this page, nor is anything behind it.
  bool settle_or_choose(Item& item, decision& decided, std::uint32_t allowance, batch& calls,
                        std::vector<Item*>& chosen) {
    const auto what = decided.what();
    if (what == kind::undecided || (what == kind::act && chosen.size() == allowance)) return false;
    item.entry = fate::stays;
    if (what == kind::act) {
      calls.add(std::move(decided.call().acts(item.id, due_of(item))));
      chosen.push_back(&item);
    } else if (what == kind::unchanged) {
      counts_.add_handled(item.id, false);
    } else if (what == kind::skip) {
      counts_.add_skipped();
    } else if (what == kind::fail) {
      counts_.add_failure(item.id, decided.reason(), due_of(item));
    }
    return true;
  }

  void settle(Item& item, const outcome& answer) {
    item.acted_on = true;
    acted_.insert(std::hash<std::string_view>{}(item.id));
    if (answer.cancelled()) return counts_.cancel();
    if (answer.held_back()) return counts_.add_skipped();
    if (!answer.ok()) return fail(item, answer.message());
    const verdict judged = judge(item, answer.reply());
    if (judged.failure()) return fail(item, *judged.failure());
    item.entry = fate::left;
    item.progressed = judged.changed();
    counts_.add_handled(item.id, judged.changed());
  }
  void fail(Item& item, std::string_view reason) {
    item.failed = true;
    counts_.add_failure(item.id, reason, due_of(item));
  }
  verdict judge(const Item& item, const reply& answer) {
    if constexpr (std::invocable<Judge&, const Item&, reply>)
      return judge_(item, answer);
    else
      return judge_(answer);
  }

  const scan_context& scan_;
  scan_count& counts_;
  Decide& decide_;
  Judge& judge_;
  std::unordered_set<std::size_t> acted_;
};

}  // namespace scanhost::inline v1_0::detail
