// SPDX-License-Identifier: Apache-2.0
#include "store/cluster/routed_batch.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "scanhost/detail/growing.hpp"
#include "scanhost/slots.hpp"
#include "scanhost/text.hpp"

namespace scanhost::store {
namespace {

constexpr std::string_view overtaken_text =
    "the slot moved to another node in the middle of the batch, so the command was not carried out";

const scanhost_outcome& outcome_at(const reply_batch& part, std::size_t index) {
  const auto& raw = *part.raw();
  return detail::at_stride(raw.outcomes, index, raw.outcome_stride);
}

bool has_redirects(const reply_batch& part) {
  for (std::size_t i = 0; i < part.raw()->outcome_count; ++i)
    if (redirect_of(outcome_at(part, i).reply)) return true;
  return false;
}

}  // namespace

routed_batch::routed_batch(kept_commands commands, std::string_view route, const key_positions& keys,
                           on_complete done, base::steady_time now)
    : commands_(std::move(commands)),
      default_slot_(slot_of(route)),
      places_(commands_.all().size()),
      done_(std::move(done)),
      begun_(now) {
  route_by(keys);
}

void routed_batch::route_by(const key_positions& keys) {
  for (std::size_t i = 0; i < places_.size(); ++i) find_place(i, keys);
}

void routed_batch::find_place(std::size_t index, const key_positions& keys) {
  const auto& command = commands()[index];
  auto& place = places_[index];
  const auto key = keys.first_key(command);
  if (key.data() != nullptr) place.key = std::hash<std::string_view>()(key) | 1;
  if (command.route.size > 0)
    place.slot = slot_of(view(command.route));
  else
    place.slot = key.data() != nullptr ? slot_of(key) : default_slot_;
}

routed_batch::index_list routed_batch::all_indexes() const {
  index_list indexes(size());
  std::iota(indexes.begin(), indexes.end(), 0u);
  return indexes;
}

std::vector<routed_batch::next_step> routed_batch::take(const index_list& indexes,
                                                        std::unique_ptr<reply_batch> part, bool may_wait) {
  --parts_;
  if (indexes.size() == size() && !joined_ && !has_redirects(*part)) {
    whole_ = std::move(part);
    return {};
  }
  auto& to = joined();
  std::vector<std::pair<std::uint32_t, redirect>> redirected;
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    const auto& outcome = outcome_at(*part, i);
    auto where = redirect_of(outcome.reply);
    if (where && follows(indexes[i], *where, may_wait)) {
      redirected.emplace_back(indexes[i], std::move(*where));
    } else {
      to.take(indexes[i], outcome);
      if (!where) carried_out_.push_back(indexes[i]);
    }
  }
  to.keep(std::move(part));
  std::vector<next_step> steps;
  for (auto& [index, where] : redirected) {
    if (was_overtaken(index))
      to.settle(index, SCANHOST_OUTCOME_TRANSIENT, overtaken_text);
    else
      add_step(steps, index, std::move(where));
  }
  return steps;
}

bool routed_batch::follows(std::uint32_t index, const redirect& where, bool may_wait) {
  cluster_down_ = cluster_down_ || where.what == redirect::kind::cluster_down;
  if (cancelled_ || where.what == redirect::kind::cluster_down) return false;
  if (where.what == redirect::kind::try_again) return may_wait;
  return ++places_[index].redirects <= max_redirects;
}

bool routed_batch::was_overtaken(std::uint32_t index) const {
  const auto key = places_[index].key;
  return key != 0 && std::ranges::any_of(carried_out_, [&](std::uint32_t other) {
           return other > index && places_[other].key == key;
         });
}

// Behind an earlier command about the same key, whatever the server said about this one.
void routed_batch::add_step(std::vector<next_step>& steps, std::uint32_t index, redirect where) const {
  const auto key = places_[index].key;
  const auto has_same_key = [&](const next_step& step) {
    return key != 0 &&
           std::ranges::any_of(step.indexes, [&](std::uint32_t other) { return places_[other].key == key; });
  };
  auto found = std::ranges::find_if(steps, has_same_key);
  if (found == steps.end())
    found = std::ranges::find_if(
        steps, [&](const next_step& step) { return step.what == where.what && step.target == where.target; });
  if (found == steps.end()) found = steps.insert(found, {where.what, std::move(where.target), {}, {}});
  found->indexes.push_back(index);
  if (found->what == redirect::kind::moved) found->slots.push_back(where.slot);
}

void routed_batch::settle(const index_list& indexes, std::int32_t kind, std::string_view message) {
  auto& to = joined();
  if (indexes.size() == size()) return to.settle_open(kind, message);
  for (const auto index : indexes) to.settle(index, kind, message);
}

// What nobody has settled was waiting when the batch was cancelled.
std::unique_ptr<reply_batch> routed_batch::take_outcomes() {
  if (whole_) return std::move(whole_);
  joined().settle_open(SCANHOST_OUTCOME_CANCELLED, cancelled_text);
  return std::move(joined_);
}

joined_batch& routed_batch::joined() {
  if (!joined_) joined_ = std::make_unique<joined_batch>(size());
  return *joined_;
}

}  // namespace scanhost::store
