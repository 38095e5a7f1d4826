// SPDX-License-Identifier: Apache-2.0
#include "common/index_walk.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "common/keys.hpp"

namespace ff {
namespace {

using scanhost::from_ms;
using scanhost::timestamp;

// The server writes doubles; texts of scores come from it alone.
double number(std::string_view score) { return std::strtod(std::string(score).c_str(), nullptr); }

// Scores need not be whole, nor fit: such a moment is far away in either direction.
timestamp moment(double score) {
  constexpr double farthest = 9.0e15;
  return from_ms(static_cast<std::int64_t>(std::ceil(std::clamp(score, -farthest, farthest))));
}

timestamp latest_due(timestamp now, scanhost::milliseconds lag) { return std::max(now - lag, timestamp{}); }

}  // namespace

index_walk::index_walk(std::string key, due_rule rule, index_memory& memory, bool early)
    : key_(std::move(key)), rule_(rule), memory_(memory) {
  if (early && rule_.scored) {
    // What was left behind waits for the next cycle: an early visit is for what has just come due.
    if (!memory_.horizon) {
      done_ = true;
      return;
    }
    here_.score = joined("(", std::to_string(scanhost::to_ms(*memory_.horizon)));
    wrapped_ = true;
    return;
  }
  start_ = std::exchange(memory_.resume, std::nullopt);
  memory_.horizon.reset();
  if (start_) here_ = *start_;
}

scanhost::command index_walk::query(timestamp now, std::uint32_t limit) const {
  std::string upper = "+inf";
  if (start_ && wrapped_)
    upper = start_->score;
  else if (rule_.scored)
    upper = std::to_string(scanhost::to_ms(latest_due(now, rule_.lag) + rule_.ahead));
  return scanhost::command("ZRANGEBYSCORE", key_, here_.score, upper, "WITHSCORES", "LIMIT", here_.offset,
                           limit);
}

bool index_walk::take(const scanhost::reply& answer, timestamp now, std::uint32_t limit, page& page) {
  if (!answer.is_array() || answer.size() % 2 != 0) return false;
  last_page_ = answer.size() / 2 < limit;
  bound_ = latest_due(now, rule_.lag);
  const auto bound = static_cast<double>(scanhost::to_ms(bound_));
  auto left_at_start = left_at_start_;
  for (std::size_t i = 0; i < answer.size(); i += 2) {
    if (!answer[i].is_text() || !answer[i + 1].is_text()) return false;
    const auto score = answer[i + 1].text();
    const double value = number(score);
    if (rule_.scored && value > bound) {
      if (!next_due_) next_due_ = moment(value) + rule_.lag;
      last_page_ = true;
      break;
    }
    // The second part of a walk ends at the entry where the first began.
    if (start_ && wrapped_ && score == start_->score && left_at_start-- == 0) {
      last_page_ = true;
      break;
    }
    const auto due = rule_.scored ? moment(value) + rule_.lag : timestamp{};
    page.candidates.push_back({std::string(answer[i].text()), std::string(score), due});
  }
  return true;
}

void index_walk::advance(const page& examined) {
  for (const auto& candidate : examined.candidates) {
    if (candidate.entry == fate::unexamined) return;
    if (candidate.score != here_.score) here_ = {candidate.score, 0};
    if (candidate.entry == fate::stays) ++here_.offset;
    if (start_ && wrapped_ && candidate.score == start_->score) --left_at_start_;
    if (candidate.acted_on) acted_.insert(std::hash<std::string_view>{}(candidate.id));
  }
  if (last_page_) end_part();
}

void index_walk::end_part() {
  if (!start_ || !wrapped_) memory_.horizon = bound_;
  done_ = !start_ || wrapped_;
  if (done_) return;
  wrapped_ = true;
  left_at_start_ = start_->offset;
  here_ = {};
}

void index_walk::stop(bool from_here) {
  if (done_) return;
  if (!start_ && wrapped_) {
    memory_.horizon.reset();  // an early visit that was not granted its pages
    return;
  }
  if (from_here && here_ != place{}) memory_.resume = here_;
}

}  // namespace ff
