// SPDX-License-Identifier: Apache-2.0
//
// A set in memory that answers SSCAN as the server does: a small one comes whole, of a large one about as
// many members as were asked for, with a cursor.
#pragma once

#include <algorithm>
#include <cstddef>
#include <scanhost/testing/answer.hpp>
#include <string>
#include <vector>

namespace ff::testing {

class fake_set {
 public:
  void add(const std::string& member) { members_.push_back(member); }
  void remove(const std::string& member) { std::erase(members_, member); }
  bool contains(const std::string& member) const { return std::ranges::count(members_, member) > 0; }
  std::size_t size() const noexcept { return members_.size(); }

  // `args`: SSCAN <key> <cursor> COUNT <count>.
  template <class Args>
  scanhost::testing::value scan(const Args& args) const {
    const std::size_t first = std::stoull(std::string(args[2]));
    const std::size_t count =
        members_.size() <= max_compact ? members_.size() : std::stoull(std::string(args[4]));
    const auto end = std::min(first + count, members_.size());
    std::vector<scanhost::testing::value> page;
    for (auto i = first; i < end; ++i) page.emplace_back(members_[i]);
    const auto cursor = end >= members_.size() ? std::string("0") : std::to_string(end);
    return scanhost::testing::array(cursor, scanhost::testing::array(std::move(page)));
  }

 private:
  static constexpr std::size_t max_compact = 128;

  std::vector<std::string> members_;
};

}  // namespace ff::testing
