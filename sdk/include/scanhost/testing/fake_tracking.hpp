// SPDX-License-Identifier: Apache-2.0
//
// What the fake host keeps for a scanner besides commands: failures by item, and the plugin's metrics.
// The rules are those of ext/failures.h and ext/metrics.h.
#pragma once

#include <cctype>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../ext/failures.h"
#include "../ext/metrics.h"

namespace scanhost::inline v1_0::testing {

// Three failures in a row: passed over in the next nine cycles, tried again in the tenth.
class fake_failures {
 public:
  void advance() noexcept { ++cycle_; }

  bool should_skip(const std::string& tag, const std::string& item) {
    const auto found = items_.find({tag, item});
    if (found == items_.end() || found->second.count < threshold) return false;
    if (found->second.skip_until > cycle_) return true;
    found->second = {};
    return false;
  }
  void failure(const std::string& tag, const std::string& item, std::string reason) {
    auto& tracked = items_[{tag, item}];
    if (++tracked.count == threshold) tracked.skip_until = cycle_ + cycles_of_back_off;
    seen_.emplace_back(item, std::move(reason));
  }
  void success(const std::string& tag, const std::string& item) { items_.erase({tag, item}); }

  // Forgets the items of all partitions but these, and those without a partition.
  void keep_partitions(const std::set<std::string>& tags) {
    std::erase_if(items_, [&](const auto& entry) {
      const auto& tag = entry.first.first;
      return !tag.empty() && tags.count(tag) == 0;
    });
  }

  // Puts an item of the partition with this tag into back-off, as if it had failed often enough.
  void back_off(const std::string& tag, const std::string& item) {
    items_[{tag, item}] = {threshold, cycle_ + cycles_of_back_off};
  }

  // Every failure that was reported: item and reason.
  const std::vector<std::pair<std::string, std::string>>& seen() const noexcept { return seen_; }
  // Failures in a row of an item of the partition with this tag.
  unsigned count(const std::string& tag, const std::string& item) const {
    const auto found = items_.find({tag, item});
    return found == items_.end() ? 0 : found->second.count;
  }

 private:
  static constexpr unsigned threshold = 3;
  static constexpr std::uint64_t cycles_of_back_off = 10;
  struct state {
    unsigned count = 0;
    std::uint64_t skip_until = 0;
  };

  std::uint64_t cycle_ = 0;
  std::map<std::pair<std::string, std::string>, state> items_;
  std::vector<std::pair<std::string, std::string>> seen_;
};

// One series of a plugin's metrics.
struct fake_series {
  int kind = 0;
  std::string help = {};
  double value = 0;                       // counter: sum; gauge: the last one
  std::vector<double> observations = {};  // histogram
  std::vector<double> bounds = {};
};

class fake_metrics {
 public:
  using labels = std::map<std::string, std::string>;

  // Null where the real host would say no.
  fake_series* series(int kind, const std::string& name, std::string help, const labels& given,
                      std::vector<double> bounds) {
    if (kind < SCANHOST_METRIC_COUNTER || kind > SCANHOST_METRIC_HISTOGRAM) return nullptr;
    if (!is_name(name) || given.size() > max_labels || given.count("scanner") > 0) return nullptr;
    for (const auto& [label, value] : given)
      if (!is_name(label)) return nullptr;
    if (const auto known = kinds_.try_emplace(name, kind).first; known->second != kind) return nullptr;
    auto& kept = series_[{name, given}];
    if (!kept)
      kept = std::make_unique<fake_series>(fake_series{kind, std::move(help), 0, {}, std::move(bounds)});
    return kept.get();
  }
  static void record(fake_series* series, double value) {
    if (series == nullptr) return;
    if (series->kind == SCANHOST_METRIC_HISTOGRAM)
      series->observations.push_back(value);
    else
      series->value = series->kind == SCANHOST_METRIC_COUNTER ? series->value + value : value;
  }

  void remove(fake_series* series) {
    std::erase_if(series_, [&](const auto& kept) { return kept.second.get() == series; });
  }

  // The series of that name without the host's prefix; null: the plugin never asked for it.
  const fake_series* find(const std::string& name, const labels& given = {}) const {
    const auto found = series_.find({name, given});
    return found == series_.end() ? nullptr : found->second.get();
  }
  // Its value, 0 where there is none.
  double value(const std::string& name, const labels& given = {}) const {
    const auto* found = find(name, given);
    return found == nullptr ? 0 : found->value;
  }

 private:
  static constexpr std::size_t max_labels = 8;
  static bool is_name(std::string_view text) {
    if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front()))) return false;
    for (const char digit : text)
      if (!std::isalnum(static_cast<unsigned char>(digit)) && digit != '_') return false;
    return true;
  }

  std::map<std::string, int> kinds_;
  std::map<std::pair<std::string, labels>, std::unique_ptr<fake_series>> series_;
};

}  // namespace scanhost::inline v1_0::testing
