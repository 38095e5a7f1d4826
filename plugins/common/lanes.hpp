// SPDX-License-Identifier: Apache-2.0
//
// The lanes that a scanner sweeps: those of its option `lanes`. With `auto` among them also those that the
// engine's servers have announced in `ff:idx:lanes` (since release 0.6.0), which is read once for each cycle.
#pragma once

#include <cstddef>
#include <deque>
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/tally.hpp"

namespace ff {

scanhost::option lanes_option();

class lanes {
 public:
  // `configured`: the option. `auto` alone stands for the lane `default` and the announced ones.
  explicit lanes(const std::vector<std::string>& configured);

  // Begin every scan with this: learns of new lanes, at most once in a cycle. If they cannot be read, that is
  // an error, and the known ones count.
  scanhost::task<void> refresh(scanhost::scan_context& scan, tally& counts);

  // A lane keeps its number while the scanner lives; new ones come at the end. References stay valid.
  std::size_t size() const noexcept { return names_.size(); }
  const std::string& operator[](std::size_t number) const { return names_[number]; }
  bool contains(std::string_view name) const;

 private:
  struct announced {};
  scanhost::task<announced> read_announced(scanhost::scan_context& scan, tally& counts);
  void add(std::string_view name);

  bool automatic_ = false;
  std::deque<std::string> names_;
  scanhost::per_cycle<announced> announced_;
};

}  // namespace ff
