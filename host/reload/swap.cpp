// SPDX-License-Identifier: Apache-2.0
#include "reload/swap.hpp"

#include <optional>

namespace scanhost::reload {
namespace {

using replacements = std::vector<std::unique_ptr<runner::replacement>>;

// The error of the first one that cannot be made.
std::optional<base::error> prepare_all(const std::vector<move>& moves, replacements& all,
                                       const std::atomic<bool>& given_up) {
  for (const auto& one : moves) {
    all.push_back(std::make_unique<runner::replacement>(*one.scanner, one.plan));
    auto ready = all.back()->prepare(given_up);
    if (!ready)
      return base::fail(ready.error().code, moves.size() == 1
                                                ? ready.error().message
                                                : one.scanner->name() + ": " + ready.error().message);
  }
  return std::nullopt;
}

}  // namespace

std::vector<moved> swap_together(const std::vector<move>& moves, const std::atomic<bool>& given_up) {
  replacements all;
  std::vector<moved> results;
  if (const auto problem = prepare_all(moves, all, given_up)) {
    for (const auto& one : moves) results.push_back({one.scanner, *problem});
    return results;
  }
  for (const auto& one : all) one->retire();
  for (std::size_t i = 0; i < moves.size(); ++i)
    results.push_back({moves[i].scanner, all[i]->commit(moves[i].outcome, moves[i].reason)});
  return results;
}

}  // namespace scanhost::reload
