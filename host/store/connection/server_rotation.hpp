// SPDX-License-Identifier: Apache-2.0
//
// Which of several servers to try next. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "config/settings.hpp"

namespace scanhost::store {

class server_rotation {
 public:
  static constexpr std::size_t max_learned = 100;
  // However many servers there are.
  static constexpr base::milliseconds min_share{250};

  explicit server_rotation(std::vector<config::server_address> servers) : servers_(std::move(servers)) {}

  // Precondition: there are servers.
  const config::server_address& current() const noexcept { return servers_[current_]; }

  std::size_t size() const noexcept { return servers_.size(); }

  // The current server has failed, and the next one is current. True: all have failed, one after the other.
  bool fail() noexcept {
    if (servers_.empty()) return true;
    current_ = (current_ + 1) % servers_.size();
    if (++failed_ < servers_.size()) return false;
    failed_ = 0;
    return true;
  }

  void succeed() noexcept { failed_ = 0; }

  // From now on there is no other.
  void keep_current() {
    if (servers_.empty()) return;
    servers_ = {current()};
    current_ = failed_ = 0;
  }

  // Another server, unless it is known.
  void learn(config::server_address server) {
    if (servers_.size() < max_learned && std::ranges::find(servers_, server) == servers_.end())
      servers_.push_back(std::move(server));
  }

  // The time that one server gets of the time that they have together.
  base::milliseconds share_of(base::milliseconds patience) const noexcept {
    const auto count = static_cast<base::milliseconds::rep>(std::max<std::size_t>(servers_.size(), 1));
    return std::max(patience / count, std::min(patience, min_share));
  }

 private:
  std::vector<config::server_address> servers_;
  std::size_t current_ = 0;
  std::size_t failed_ = 0;  // without a success between
};

}  // namespace scanhost::store
