// SPDX-License-Identifier: Apache-2.0
//
// The paging rule over one sorted set, as a pure object: where the next page begins, which entries are
// candidates, when the walk is over, and what is remembered for the next cycle. `sorted_set_sweep` drives it.
//
// A place is a score and how many entries of exactly that score were examined and are still there. A walk
// begins at the head, or where the last cycle had to stop; then it wraps, and ends where it began. An early
// visit looks only at what came due since the index was last seen to its end.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "candidate.hpp"
#include "command.hpp"
#include "reply.hpp"
#include "text.hpp"

namespace scanhost::inline v1_0 {

// What the scores of a sorted set are: Unix time in milliseconds or in seconds (fractions are allowed), or no
// moments at all. Without moments every entry is a candidate, in the order of the scores.
enum class score_unit { unix_ms, unix_seconds, none };

struct place {
  std::string score = "-inf";
  std::uint64_t offset = 0;

  bool operator==(const place&) const = default;
};

// What is kept of one index of one partition from cycle to cycle. Lost with the scanner's instance.
struct index_memory {
  std::optional<place> resume;       // where the last cycle stopped
  std::optional<timestamp> horizon;  // all scores up to this were offered once
  std::uint32_t stalled = 0;         // cycles in a row in which a page was acted on and nothing moved
};

// Which entries of the index are candidates.
struct due_rule {
  score_unit unit = score_unit::unix_ms;
  milliseconds lag{0};    // due is what has a score of at most now - lag, and not below 0
  milliseconds ahead{0};  // so far beyond it the query looks, to learn of what comes next

  bool scored() const noexcept { return unit != score_unit::none; }
};

class sorted_set_walk {
 public:
  // `memory` outlives the walk.
  sorted_set_walk(std::string key, due_rule rule, index_memory& memory, bool early)
      : key_(std::move(key)), rule_(rule), memory_(memory) {
    if (early && rule_.scored()) {
      begin_early();
      return;
    }
    start_ = std::exchange(memory_.resume, std::nullopt);
    memory_.horizon.reset();
    if (start_) here_ = *start_;
  }

  const std::string& key() const noexcept { return key_; }

  // The walk is over: everything was offered.
  bool done() const noexcept { return done_; }

  // The query for the next page of at most `limit` entries.
  command query(timestamp now, std::uint32_t limit) const {
    std::string upper = "+inf";
    if (start_ && wrapped_)
      upper = start_->score;
    else if (rule_.scored())
      upper = score_text(latest_due(now) + rule_.ahead);
    return command("ZRANGEBYSCORE", key_, here_.score, upper, "WITHSCORES", "LIMIT", here_.offset, limit);
  }

  // Reads the answer to that query: the candidates of the page. False: it has an unexpected shape.
  bool take(const reply& answer, timestamp now, std::uint32_t limit, page& page) {
    if (!answer.is_array() || answer.size() % 2 != 0) return false;
    last_page_ = answer.size() / 2 < limit;
    bound_ = latest_due(now);
    auto left_at_start = left_at_start_;
    for (std::size_t i = 0; i < answer.size(); i += 2) {
      const double score =
          answer[i + 1].is_text() ? answer[i + 1].real().value_or(not_a_number) : not_a_number;
      if (!answer[i].is_text() || std::isnan(score)) return false;
      if (ends_before(answer[i + 1].text(), score, left_at_start)) {
        last_page_ = true;
        break;
      }
      const auto due = rule_.scored() ? moment(score) + rule_.lag : timestamp{};
      page.candidates.push_back({std::string(answer[i].text()), std::string(answer[i + 1].text()), due});
    }
    return true;
  }

  // Notes what became of the page: candidates up to the first unexamined one are behind the walk.
  void advance(const page& examined) {
    for (const auto& candidate : examined.candidates) {
      if (candidate.entry == fate::unexamined) return;
      if (candidate.score != here_.score) here_ = {candidate.score, 0};
      if (candidate.entry == fate::stays) ++here_.offset;
      if (start_ && wrapped_ && candidate.score == start_->score) --left_at_start_;
      if (candidate.acted_on) acted_.insert(std::hash<std::string_view>{}(candidate.id));
    }
    if (last_page_) end_part();
  }

  // It began where an earlier cycle had stopped, not at the head.
  bool resumed() const noexcept { return start_.has_value(); }

  // It stopped before its end. `from_here`: the next cycle goes on here; otherwise it begins at the head.
  void stop(bool from_here) {
    if (done_) return;
    if (!start_ && wrapped_) {
      memory_.horizon.reset();  // an early visit that was not granted its pages
      return;
    }
    if (from_here && here_ != place{}) memory_.resume = here_;
  }

  // Calls of this walk; no candidate is acted on twice.
  bool acted_on(std::string_view id) const { return acted_.contains(std::hash<std::string_view>{}(id)); }

  // The first entry that is not due yet, where it was seen.
  std::optional<timestamp> next_due() const noexcept { return next_due_; }

 private:
  static constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

  // What was left behind waits for the next cycle: an early visit is for what has just come due.
  void begin_early() {
    if (!memory_.horizon) {
      done_ = true;
      return;
    }
    here_.score = '(';
    here_.score += score_text(*memory_.horizon);
    wrapped_ = true;
  }

  // Whether the page ends before this entry: it is not due yet, or the walk has come round to it.
  bool ends_before(std::string_view score, double value, std::uint64_t& left_at_start) {
    if (rule_.scored() && value > in_unit(bound_)) {
      if (!next_due_) next_due_ = moment(value) + rule_.lag;
      return true;
    }
    // The second part of a walk ends at the entry where the first began.
    return start_ && wrapped_ && score == start_->score && left_at_start-- == 0;
  }

  void end_part() {
    if (!start_ || !wrapped_) memory_.horizon = bound_;
    done_ = !start_ || wrapped_;
    if (done_) return;
    wrapped_ = true;
    left_at_start_ = start_->offset;
    here_ = {};
  }

  timestamp latest_due(timestamp now) const { return std::max(now - rule_.lag, timestamp{}); }

  double in_unit(timestamp time) const noexcept {
    return rule_.unit == score_unit::unix_seconds ? to_seconds(time) : static_cast<double>(to_ms(time));
  }
  // Precondition: not before the epoch.
  std::string score_text(timestamp time) const {
    const auto ms = to_ms(time);
    if (rule_.unit != score_unit::unix_seconds) return std::to_string(ms);
    const auto fraction = std::to_string(1000 + ms % 1000).substr(1);
    return std::to_string(ms / 1000) + (fraction == "000" ? "" : "." + fraction);
  }
  // Scores need not be whole, nor fit: such a moment is far away in either direction.
  timestamp moment(double score) const noexcept {
    constexpr double farthest = 9.0e15;
    if (rule_.unit == score_unit::unix_seconds) return from_seconds(score);
    return from_ms(static_cast<std::int64_t>(std::ceil(std::clamp(score, -farthest, farthest))));
  }

  std::string key_;
  due_rule rule_;
  index_memory& memory_;
  place here_;
  std::optional<place> start_;
  std::uint64_t left_at_start_ = 0;  // entries of the start's score that the second part still offers
  bool wrapped_ = false;
  bool done_ = false;
  bool last_page_ = false;
  timestamp bound_;  // the last page offered what has at most this score
  std::optional<timestamp> next_due_;
  std::unordered_set<std::size_t> acted_;
};

}  // namespace scanhost::inline v1_0
