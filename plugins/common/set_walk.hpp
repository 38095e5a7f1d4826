// SPDX-License-Identifier: Apache-2.0
//
// Walking a whole set with SSCAN, or the keys of a node with SCAN, page by page. The server may repeat
// members and keys: each is offered once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <scanhost/scanner.hpp>
#include <string>
#include <utility>
#include <vector>

#include "common/seen_hashes.hpp"

namespace ff {

class set_walk {
 public:
  enum class state { walking, done, failed, malformed, cancelled };

  set_walk(std::string key, std::uint32_t page_size, std::string route = {})
      : key_(std::move(key)), route_(std::move(route)), page_size_(page_size) {}

  // Over the keys that match the pattern, on the node that the scan sweeps (family `node`).
  static set_walk over_keys(std::string pattern, std::uint32_t page_size) {
    set_walk walk(std::move(pattern), page_size);
    walk.over_keys_ = true;
    return walk;
  }

  // Goes on where another walk over the set has stopped.
  void go_to(std::string cursor) { cursor_ = std::move(cursor); }
  // Where this one is: "0" at the beginning and at the end.
  const std::string& cursor() const noexcept { return cursor_; }

  bool walking() const noexcept { return state_ == state::walking; }
  state ended() const noexcept { return state_; }
  // Why it failed, for a log line.
  const std::string& message() const noexcept { return message_; }

  // The members of the next page; there may be none while it is still walking.
  scanhost::task<std::vector<std::string>> next(scanhost::scan_context& scan);

  // The same in two halves, for walks over several sets in one pipeline.
  scanhost::command query() const;
  std::vector<std::string> take(const scanhost::outcome& answer);

 private:
  void finish();

  std::string key_;  // of the set, or the pattern
  std::string route_;
  std::string cursor_ = "0";
  std::string message_;
  std::uint32_t page_size_;
  bool over_keys_ = false;
  state state_ = state::walking;
  seen_hashes seen_;  // the members
};

}  // namespace ff
