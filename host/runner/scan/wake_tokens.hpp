// SPDX-License-Identifier: Apache-2.0
//
// The tokens by which scans can be woken. A wake is remembered until it is taken, so none is lost between
// two waits. `wake` comes from any thread; everything else is on the scanner's.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scanhost::runner {

class wake_tokens {
 public:
  // From 1; a number is never given twice.
  std::uint64_t add() {
    const std::lock_guard alone(mutex_);
    woken_.emplace(++last_, false);
    return last_;
  }

  void remove(std::uint64_t token) {
    const std::lock_guard alone(mutex_);
    woken_.erase(token);
  }

  // Any thread. True: this is the first wake since take_raised(), so the scanner's thread has to look.
  // A token that was removed is ignored.
  bool wake(std::uint64_t token) {
    const std::lock_guard alone(mutex_);
    const auto found = woken_.find(token);
    if (found == woken_.end() || std::exchange(found->second, true)) return false;
    raised_.push_back(token);
    return raised_.size() == 1;
  }

  // Whether the token was woken since the last time.
  bool take(std::uint64_t token) {
    const std::lock_guard alone(mutex_);
    const auto found = woken_.find(token);
    return found != woken_.end() && std::exchange(found->second, false);
  }

  // Those that were woken since the last call; each of them may have been taken or removed meanwhile.
  std::vector<std::uint64_t> take_raised() {
    const std::lock_guard alone(mutex_);
    return std::exchange(raised_, {});
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, bool> woken_;
  std::vector<std::uint64_t> raised_;
  std::uint64_t last_ = 0;
};

}  // namespace scanhost::runner
