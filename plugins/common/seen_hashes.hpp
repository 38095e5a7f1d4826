// SPDX-License-Identifier: Apache-2.0
//
// Which of many hashes came before. Flat, unlike a set of the standard library: that allocates for each of
// them, which takes longer than all else about a member of a set that is walked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace ff {

class seen_hashes {
 public:
  // Whether it is new. Hashes that differ only in being 0 or 1 count as the same.
  bool insert(std::size_t hash) {
    if (2 * count_ >= places_.size()) grow();
    hash = std::max(hash, std::size_t{1});
    auto& place = place_of(hash);
    if (place == hash) return false;
    place = hash;
    ++count_;
    return true;
  }

 private:
  static constexpr std::size_t min_places = 64;  // a power of two

  // Where it stands, or would.
  std::size_t& place_of(std::size_t hash) noexcept {
    const auto mask = places_.size() - 1;
    auto at = hash & mask;
    while (places_[at] != 0 && places_[at] != hash) at = (at + 1) & mask;
    return places_[at];
  }

  // At least half of the places are free, so that a search is short.
  void grow() {
    const auto before =
        std::exchange(places_, std::vector<std::size_t>(std::max(min_places, 2 * places_.size())));
    for (const auto hash : before)
      if (hash != 0) place_of(hash) = hash;
  }

  std::vector<std::size_t> places_;  // 0: free
  std::size_t count_ = 0;
};

}  // namespace ff
