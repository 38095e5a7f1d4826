// SPDX-License-Identifier: Apache-2.0
#include "reload/swap.hpp"

#include <optional>

namespace scanhost::reload {
namespace {

using replacements = std::vector<std::unique_ptr<runner::replacement>>;

// The error of the first one that cannot be made.
std::optional<base::error> prepare_all(const std::vector<move>& moves, replacements& prepared,
                                       const std::atomic<bool>& given_up) {
  for (const auto& scanner_move : moves) {
    prepared.push_back(std::make_unique<runner::replacement>(*scanner_move.scanner, scanner_move.plan));
    auto ready = prepared.back()->prepare(given_up);
    if (!ready)
      return base::fail(ready.error().code,
                        moves.size() == 1 ? ready.error().message
                                          : scanner_move.scanner->name() + ": " + ready.error().message);
  }
  return std::nullopt;
}

}  // namespace

std::vector<moved> swap_together(const std::vector<move>& moves, const std::atomic<bool>& given_up) {
  replacements prepared;
  std::vector<moved> results;
  if (const auto problem = prepare_all(moves, prepared, given_up)) {
    for (const auto& scanner_move : moves) results.push_back({scanner_move.scanner, *problem});
    return results;
  }
  for (const auto& replacement : prepared) replacement->retire();
  for (std::size_t i = 0; i < moves.size(); ++i)
    results.push_back({moves[i].scanner, prepared[i]->commit(moves[i].outcome, moves[i].reason)});
  return results;
}

}  // namespace scanhost::reload
