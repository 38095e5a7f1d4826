// SPDX-License-Identifier: Apache-2.0
#include "runner/record/store_troubles.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace scanhost::runner {

bool store_troubles::add(store::state which, std::string_view text, std::string_view route,
                         base::steady_time now, base::timestamp wall) {
  const auto same = [which](const entry& known) { return known.trouble.state == which; };
  auto found = std::ranges::find_if(current_, same);
  const bool begins = found == current_.end();
  if (begins) {
    entry next;
    next.trouble = {which, std::string(text.substr(0, store_trouble::max_text)), {}, 0, wall, now};
    next.unprobed = store::facts_of(which).refuses == store::refusal::some;
    found = current_.insert(found, std::move(next));
  }
  found->met = true;
  found->trouble.route = route;
  ++found->trouble.commands;
  return begins;
}

void store_troubles::distrust_probes(store::state which) {
  for (auto& known : current_)
    if (known.trouble.state == which) known.unprobed = true;
}

void store_troubles::begin_cycle() noexcept {
  for (auto& known : current_) known.met = false;
}

std::vector<store_trouble> store_troubles::complete_cycle(bool answered) {
  std::vector<store_trouble> over;
  if (!answered) return over;
  std::erase_if(current_, [&](entry& known) {
    if (known.met || !known.unprobed) return false;
    over.push_back(std::move(known.trouble));
    return true;
  });
  return over;
}

std::optional<store_trouble> store_troubles::end(store::state which) {
  const auto same = [which](const entry& known) { return known.trouble.state == which; };
  const auto found = std::ranges::find_if(current_, same);
  if (found == current_.end()) return std::nullopt;
  auto ended = std::move(found->trouble);
  current_.erase(found);
  return ended;
}

std::vector<store_trouble> store_troubles::current() const {
  std::vector<store_trouble> troubles;
  std::ranges::transform(current_, std::back_inserter(troubles), &entry::trouble);
  return troubles;
}

}  // namespace scanhost::runner
