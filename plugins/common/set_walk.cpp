// SPDX-License-Identifier: Apache-2.0
#include "common/set_walk.hpp"

#include <functional>

#include "common/keys.hpp"
#include "common/tally.hpp"

namespace ff {

scanhost::task<std::vector<std::string>> set_walk::next(scanhost::scan_context& scan) {
  auto page = query();
  const auto answers = co_await scan.execute(std::move(page));
  auto members = take(answers.front());
  if (scan.cancelled()) state_ = state::cancelled;
  co_return members;
}

scanhost::command set_walk::query() const {
  if (over_keys_) return scanhost::command("SCAN", cursor_, "MATCH", key_, "COUNT", page_size_);
  scanhost::command page("SSCAN", key_, cursor_, "COUNT", page_size_);
  page.route(route_);
  return page;
}

std::vector<std::string> set_walk::take(const scanhost::outcome& answer) {
  std::vector<std::string> members;
  if (answer.cancelled()) {
    state_ = state::cancelled;
    return members;
  }
  if (!answer.ok()) {
    state_ = state::failed;
    message_ = joined("walking ", printable(key_), ": ", cause(answer));
    return members;
  }
  const auto cursor = answer[0].optional_text();
  const auto page = answer[1];
  if (!cursor || !page.is_array()) {
    state_ = state::malformed;
    message_ = joined("walking ", printable(key_), ": the reply has an unexpected shape");
    return members;
  }
  cursor_ = *cursor;
  members.reserve(page.size());
  for (std::size_t i = 0; i < page.size(); ++i) {
    const auto member = page[i].text();
    if (seen_.insert(std::hash<std::string_view>{}(member))) members.emplace_back(member);
  }
  if (cursor_ == "0") finish();
  return members;
}

// The walker may be kept for long.
void set_walk::finish() {
  state_ = state::done;
  seen_ = {};
}

}  // namespace ff
