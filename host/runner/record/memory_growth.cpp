// SPDX-License-Identifier: Apache-2.0
#include "runner/record/memory_growth.hpp"

#include <algorithm>
#include <utility>

namespace scanhost::runner {

namespace {

constexpr std::int64_t mebibyte = 1 << 20;
constexpr std::int64_t min_rise = mebibyte / 16;  // less is noise
constexpr std::int64_t min_fall = 4 * mebibyte;
constexpr std::int64_t min_growth = 16 * mebibyte;
constexpr base::milliseconds min_span{20'000};
constexpr std::size_t min_buckets = 24;
constexpr std::size_t max_buckets = 81;
constexpr std::size_t quarters = 4;
constexpr std::uint64_t buckets_in_next = 4;

std::int64_t share_of(std::int64_t bytes, std::int64_t parts) {
  return std::max<std::int64_t>(bytes, 0) / parts;
}

base::milliseconds time_between(base::steady_time from, base::steady_time to) {
  return std::chrono::duration_cast<base::milliseconds>(to - from);
}

}  // namespace

void memory_growth::add(const memory_sample& sample) {
  rises_ = last_ && sample.bytes >= *last_ + min_rise ? rises_ + 1 : 0;
  last_ = sample.bytes;
  note_fall(sample.bytes);
  update_current(sample);
  append(0, {sample.at, sample.bytes, sample.work, 1});
}

// A clear fall ends a growth, and what follows is measured anew.
void memory_growth::note_fall(std::int64_t bytes) {
  if (scales_.front().newest.empty()) trough_ = bytes;
  trough_ = std::min(trough_, bytes);
  peak_ = std::max(peak_, bytes);
  if (bytes >= peak_ - std::max(min_fall, share_of(peak_, 8))) return;
  ceiling_ = std::max(ceiling_, std::exchange(peak_, bytes));
  trough_ = bytes;
  forget();
}

void memory_growth::update_current(const memory_sample& sample) {
  if (!current_) return;
  current_->bytes = std::max<std::int64_t>(sample.bytes - start_.lowest, 0);
  current_->span = time_between(start_.at, sample.at);
  ++current_->cycles;
}

void memory_growth::append(std::size_t level, const bucket& more) {
  auto& [newest, next] = scales_[level];
  if (newest.size() == max_buckets) newest.erase(newest.begin());
  newest.push_back(more);
  judge(level);
  if (next.cycles == 0) next = {more.at, more.lowest, 0, 0};
  next.lowest = std::min(next.lowest, more.lowest);
  next.most_work = std::max(next.most_work, more.most_work);
  next.cycles += more.cycles;
  if (next.cycles < more.cycles * buckets_in_next || level + 1 == levels) return;
  append(level + 1, std::exchange(next, {}));
}

void memory_growth::judge(std::size_t level) {
  const auto& newest = scales_[level].newest;
  if (newest.size() < min_buckets) return;
  if (!current_) {
    find_growth(level);
  } else if (level == level_ && rests(newest)) {
    ceiling_ = std::max(ceiling_, peak_);
    current_.reset();
  }
}

void memory_growth::find_growth(std::size_t level) {
  if (peak_ - trough_ < min_growth) return;  // as always, nearly
  const window all = scales_[level].newest;
  for (auto size = min_buckets; size <= all.size(); size += size / 2) {
    const auto newest = all.last(size);
    if (!grows_steadily(newest)) continue;
    level_ = level;
    start_ = newest.front();
    const auto& end = newest.back();
    current_ = steady_growth{end.lowest - start_.lowest, 0, time_between(start_.at, end.at)};
    for (const auto& part : newest.subspan(1)) current_->cycles += part.cycles;
    return;
  }
}

bool memory_growth::grows_steadily(window buckets) const {
  if (time_between(buckets.front().at, buckets.back().at) < min_span) return false;
  const auto size = buckets.size() / quarters;
  std::array<std::int64_t, quarters> lowest{};
  std::array<std::uint64_t, quarters> work{};
  for (std::size_t i = 0; i < quarters; ++i) {
    const auto quarter = buckets.last(buckets.size() - i * size).first(size);
    lowest[i] = std::ranges::min(quarter, {}, &bucket::lowest).lowest;
    for (const auto& part : quarter) work[i] += part.most_work / size;
  }
  const auto growth = lowest.back() - lowest.front();
  const auto beyond = lowest.back() - std::max(lowest.front(), ceiling_);
  if (beyond < std::max(min_growth, share_of(lowest.back(), 10))) return false;
  for (std::size_t i = 1; i < quarters; ++i)
    if (lowest[i] - lowest[i - 1] < growth / 4) return false;
  return work.back() <= work.front() + work.front() / 2 + 16;
}

// The newest cycles added less than a quarter of what they did while the memory grew.
bool memory_growth::rests(window buckets) const {
  const auto newest = buckets.last(min_buckets);
  std::uint64_t cycles = 0;
  for (const auto& part : newest.subspan(1)) cycles += part.cycles;
  const auto expected = current_->bytes_per_cycle() * static_cast<std::int64_t>(cycles);
  return newest.back().lowest - newest.front().lowest < expected / 4;
}

void memory_growth::begin_generation() {
  if (last_ && !current_) ceiling_ = std::max(ceiling_, peak_);
  begin_instance();
}

void memory_growth::begin_instance() {
  forget();
  last_.reset();
  peak_ = 0;
  rises_ = 0;
}

void memory_growth::forget() {
  scales_ = {};
  current_.reset();
}

}  // namespace scanhost::runner
