// SPDX-License-Identifier: Apache-2.0
#include "store/cluster/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <span>
#include <utility>

#include "scanhost/detail/growing.hpp"
#include "scanhost/text.hpp"
#include "store/protocol/command_of.hpp"

namespace scanhost::store {
namespace {

// After TRYAGAIN: a slot with keys at two nodes is fixed by the key's own migration, which takes a moment.
constexpr base::milliseconds try_again_delay{20};

constexpr std::string_view closed_text = "the host closed the connection to the store";

// The outcomes of commands that were sent behind an ASKING each.
std::unique_ptr<reply_batch> without_asking(std::unique_ptr<reply_batch> part, std::size_t count) {
  auto rest = std::make_unique<joined_batch>(count);
  const auto& raw = *part->raw();
  for (std::size_t i = 0; i < count; ++i)
    rest->take(i, detail::at_stride(raw.outcomes, 2 * i + 1, raw.outcome_stride));
  rest->keep(std::move(part));
  return rest;
}

}  // namespace

cluster::cluster(boost::asio::io_context& context, const config::store_settings& settings, std::string name,
                 const server_identity& server, connection_user& user)
    : context_(context),
      settings_(settings),
      user_(&user),
      nodes_(std::make_shared<cluster_nodes>(context, settings_, std::move(name), server, user,
                                             static_cast<topology_user&>(*this))),
      timer_(context) {}

// --- batches -----------------------------------------------------------------------------------------

void cluster::execute(ticket id, kept_commands commands, std::string_view route, purpose what,
                      on_complete done) {
  const auto now = base::steady::now();
  auto& which =
      flights_
          .try_emplace(
              id,
              flight{routed_batch(std::move(commands), route, nodes_->keys(), std::move(done), now), what})
          .first->second;
  if (stopped_) {
    settle(id, which, which.batch.all_indexes(), SCANHOST_OUTCOME_TRANSIENT, std::string(closed_text));
  } else if (!nodes_->known()) {
    which.batch.wait_begins();
    waiting_.push_back(id);
    arm();
  } else {
    dispatch(id, which, which.batch.all_indexes());
  }
}

// Each node gets what is for it in one piece. What nobody serves, or who is away for long, ends at once.
void cluster::dispatch(ticket id, flight& which, const routed_batch::index_list& indexes) {
  std::vector<std::pair<node_ptr, routed_batch::index_list>> groups;
  for (const auto index : indexes) {
    auto node = nodes_->owner_of(which.batch.slot(index));
    auto found = std::ranges::find(groups, node, [](const auto& group) { return group.first; });
    if (found == groups.end()) found = groups.emplace(found, std::move(node), routed_batch::index_list());
    found->second.push_back(index);
  }
  for (auto& [node, group] : groups) {
    if (!node) {
      settle(id, which, group, SCANHOST_OUTCOME_TRANSIENT,
             fmt::format("no node of the cluster serves slot {}", which.batch.slot(group.front())));
      nodes_->request_refresh();
    } else if (node->is_away() && node->is_away_for(settings_.connect_timeout, base::steady::now())) {
      settle(id, which, group, SCANHOST_OUTCOME_TRANSIENT,
             fmt::format("store {}: {}", node->endpoint(), node->line().status().last_error));
    } else {
      send_to(node, id, which, std::move(group), false);
    }
  }
}

void cluster::send_to(const node_ptr& node, ticket id, flight& which, routed_batch::index_list indexes,
                      bool asking) {
  static const std::array asking_word{to_c("ASKING")};
  const auto commands = which.batch.commands();
  std::span<const scanhost_command> sent = commands;
  if (asking || indexes.size() != commands.size()) {
    scratch_.clear();
    for (const auto index : indexes) {
      if (asking) scratch_.push_back(command_of(asking_word));
      scratch_.push_back(commands[index]);
    }
    sent = scratch_;
  }
  which.batch.part_leaves();
  nodes_->lend(*node);
  const auto part =
      node->line().execute(sent.data(), sent.size(), sizeof(scanhost_command),
                           [weak = weak_from_this(), from = std::weak_ptr(node), id,
                            indexes = std::move(indexes), asking](std::unique_ptr<reply_batch> answers) {
                             const auto self = weak.lock();
                             const auto sender = from.lock();
                             if (!self || !sender) return;
                             // Unsent ones will be sent again in another way.
                             if (asking && !answers->unsent())
                               answers = without_asking(std::move(answers), indexes.size());
                             self->came_back(sender, id, indexes, std::move(answers));
                           });
  which.parts.emplace_back(node, part);
}

void cluster::came_back(const node_ptr& node, ticket id, const routed_batch::index_list& indexes,
                        std::unique_ptr<reply_batch> part) {
  nodes_->take_back(node);
  const auto found = flights_.find(id);
  if (found == flights_.end()) return;
  auto& which = found->second;
  if (part->unsent() && may_go_elsewhere(*node, which, indexes.front())) {
    which.batch.part_returns();
    dispatch(id, which, indexes);
    return;
  }
  if (which.what == purpose::clock)
    if (const auto& outcome = part->raw()->outcomes[0]; outcome.kind == SCANHOST_OUTCOME_REPLY)
      if (const auto time = time_of(*outcome.reply)) node->clock().observe(*time, base::steady::now());
  const auto age = base::steady::now() - which.batch.begun();
  auto steps = which.batch.take(indexes, std::move(part), !stopped_ && age < settings_.command_timeout);
  for (auto& step : steps) follow(*node, id, which, step);
  if (which.batch.take_cluster_down()) nodes_->request_refresh();
  if (which.batch.complete()) complete(id);
}

// As in a standalone store, a batch waits for a connection at most the connect timeout.
bool cluster::may_go_elsewhere(const cluster_node& node, const flight& which, std::uint32_t first) const {
  if (stopped_ || which.batch.cancelled()) return false;
  if (base::steady::now() - which.batch.begun() >= settings_.connect_timeout) return false;
  return nodes_->others_serve(which.batch.slot(first), node);
}

void cluster::follow(const cluster_node& from, ticket id, flight& which, routed_batch::next_step& step) {
  if (step.what == redirect::kind::try_again) {
    which.batch.wait_begins();
    later_.push_back({base::steady::now() + try_again_delay, id, std::move(step.indexes)});
    return arm();
  }
  if (step.target.host.empty()) step.target.host = from.address().host;
  nodes_->move(step.slots, step.target);
  send_to(nodes_->node_with(step.target), id, which, std::move(step.indexes),
          step.what == redirect::kind::ask);
}

void cluster::settle(ticket id, flight& which, const routed_batch::index_list& indexes, std::int32_t kind,
                     const std::string& why) {
  which.batch.settle(indexes, kind, why);
  complete_soon(id);
}

void cluster::complete_soon(ticket id) {
  boost::asio::post(context_, [weak = weak_from_this(), id] {
    const auto self = weak.lock();
    if (!self) return;
    const auto found = self->flights_.find(id);
    if (found != self->flights_.end() && found->second.batch.complete()) self->complete(id);
  });
}

// The callback may destroy the client, and with it everything but this object.
void cluster::complete(ticket id) {
  auto ended = flights_.extract(id);
  auto& batch = ended.mapped().batch;
  auto outcomes = batch.take_outcomes();
  outcome_counts counts{};
  count_outcomes(*outcomes->raw(), counts);
  if (user_ == nullptr) return;
  user_->on_outcomes(counts);
  if (const auto done = batch.take_callback()) done(std::move(outcomes));
}

void cluster::cancel(ticket id) {
  const auto found = flights_.find(id);
  if (found == flights_.end()) return;
  auto& batch = found->second.batch;
  batch.cancel();
  for (const auto& [from, part] : found->second.parts)
    if (const auto node = from.lock()) node->line().cancel(part);
  for (auto count = std::erase(waiting_, id); count > 0; --count) batch.wait_ends();
  for (auto count = std::erase_if(later_, [&](const auto& later) { return later.id == id; }); count > 0;
       --count)
    batch.wait_ends();
  if (batch.complete()) complete_soon(id);
}

bool cluster::has_room(std::string_view route, std::size_t count) const {
  return nodes_->known() ? nodes_->has_room(route, count)
                         : waiting_.size() + count <= settings_.max_in_flight;
}

bool cluster::has_room(std::size_t count) const {
  return nodes_->known() ? nodes_->has_room(count) : waiting_.size() + count <= settings_.max_in_flight;
}

// --- the topology ------------------------------------------------------------------------------------

void cluster::on_topology() {
  const auto waiting = std::exchange(waiting_, {});
  for (const auto id : waiting) {
    auto& which = flights_.at(id);
    which.batch.wait_ends();
    which.batch.route_by(nodes_->keys());
    dispatch(id, which, which.batch.all_indexes());
  }
}

void cluster::on_no_topology(std::int32_t kind, const std::string& why) {
  for (const auto id : std::exchange(waiting_, {})) {
    auto& which = flights_.at(id);
    which.batch.wait_ends();
    settle(id, which, which.batch.all_indexes(), kind, why);
  }
}

// --- time --------------------------------------------------------------------------------------------

void cluster::arm() {
  std::optional<base::steady_time> due;
  const auto include = [&due](base::steady_time at) { due = due ? std::min(*due, at) : at; };
  if (!waiting_.empty()) include(flights_.at(waiting_.front()).batch.begun() + settings_.connect_timeout);
  if (!later_.empty()) include(later_.front().due);
  if (!due || stopped_ || (armed_ && *armed_ <= *due)) return;
  armed_ = due;
  timer_.expires_at(*due);
  timer_.async_wait([weak = weak_from_this()](const auto& problem) {
    const auto self = weak.lock();
    if (!problem && self) self->on_timer();
  });
}

void cluster::on_timer() {
  armed_.reset();
  if (stopped_) return;
  const auto now = base::steady::now();
  expire_waiting(now);
  try_later_ones(now);
  arm();
}

void cluster::expire_waiting(base::steady_time now) {
  while (!waiting_.empty()) {
    const auto id = waiting_.front();
    auto& which = flights_.at(id);
    if (which.batch.begun() + settings_.connect_timeout > now) return;
    waiting_.erase(waiting_.begin());
    which.batch.wait_ends();
    settle(id, which, which.batch.all_indexes(), SCANHOST_OUTCOME_TRANSIENT,
           fmt::format("the topology of the cluster did not arrive within the connect timeout{}",
                       nodes_->last_error().empty() ? "" : fmt::format(" ({})", nodes_->last_error())));
  }
}

void cluster::try_later_ones(base::steady_time now) {
  const auto end = std::ranges::find_if(later_, [&](const auto& later) { return later.due > now; });
  std::vector<later_attempt> due(std::make_move_iterator(later_.begin()), std::make_move_iterator(end));
  later_.erase(later_.begin(), end);
  for (const auto& later : due) {
    auto& which = flights_.at(later.id);
    which.batch.wait_ends();
    dispatch(later.id, which, later.indexes);
  }
}

// --- the end -----------------------------------------------------------------------------------------

void cluster::stop() {
  if (std::exchange(stopped_, true)) return;
  timer_.cancel();
  nodes_->stop();
  on_no_topology(SCANHOST_OUTCOME_TRANSIENT, std::string(closed_text));
  for (const auto& later : std::exchange(later_, {})) {
    auto& which = flights_.at(later.id);
    which.batch.wait_ends();
    settle(later.id, which, later.indexes, SCANHOST_OUTCOME_TRANSIENT, std::string(closed_text));
  }
}

void cluster::detach() {
  user_ = nullptr;
  stopped_ = true;
  timer_.cancel();
  flights_.clear();
  waiting_.clear();
  later_.clear();
  nodes_->detach();
}

}  // namespace scanhost::store
