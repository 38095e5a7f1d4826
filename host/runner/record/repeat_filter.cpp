// SPDX-License-Identifier: Apache-2.0
#include "runner/record/repeat_filter.hpp"

#include <utility>

namespace scanhost::runner {

repeat_filter::decision repeat_filter::decide(std::uint64_t line, base::steady_time scan,
                                              base::steady_time now) {
  const auto found = lines_.find(line);
  if (found == lines_.end()) {
    make_room(now);
    lines_.emplace(line, entry{now, now, scan, 0});
    return {true, 0};
  }
  auto& known = found->second;
  if (std::exchange(known.scan, scan) == scan) return {true, 0};
  const bool is_news = now - std::exchange(known.seen, now) >= memory;
  if (!is_news && now - known.written < silence) {
    ++known.held_back;
    return {};
  }
  known.written = now;
  const auto held_back = std::exchange(known.held_back, 0);
  return {true, is_news ? 0 : held_back};
}

void repeat_filter::make_room(base::steady_time now) {
  if (lines_.size() < max_lines) return;
  std::erase_if(lines_, [&](const auto& known) { return now - known.second.seen >= memory; });
  if (lines_.size() >= max_lines) lines_.clear();
}

}  // namespace scanhost::runner
