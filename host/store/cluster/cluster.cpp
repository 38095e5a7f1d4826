// SPDX-License-Identifier: Apache-2.0
#include "store/cluster/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <utility>

#include "config/store_keys.hpp"
#include "scanhost/detail/growing.hpp"
#include "scanhost/slots.hpp"
#include "scanhost/text.hpp"
#include "store/cluster/cluster_replies.hpp"

namespace scanhost::store {
namespace {

// After TRYAGAIN: a slot with keys at two nodes is mended by the key's own migration, which takes a moment.
constexpr base::milliseconds try_again_delay{20};

// A node that owes a reply for longer is silent: it is not ready, the others are asked who serves its slots,
// and nothing waits for it that need not. Its own commands have the whole command timeout.
constexpr base::milliseconds max_silence{1000};
constexpr base::milliseconds silence_check_period{250};

constexpr std::string_view closed_text = "the host closed the connection to the store";
constexpr std::string_view silent_text = "has not answered for more than a second";
constexpr std::string_view replaced_text = "it does not answer, and other nodes serve its slots now";
constexpr std::string_view departed_text = "the node serves this slot no more";

// Where a node on a Unix socket is reached: it need not know its address.
constexpr std::string_view local_host = "127.0.0.1";

constexpr scanhost_string word(std::string_view text) { return {text.data(), text.size()}; }

scanhost_command command_of(std::span<const scanhost_string> words) {
  return {sizeof(scanhost_command), 0, words.data(), words.size(), {}, {}, 0, nullptr, 0, 0};
}

// The outcomes of commands that were sent behind an ASKING each.
std::unique_ptr<reply_batch> without_asking(std::unique_ptr<reply_batch> part, std::size_t count) {
  auto rest = std::make_unique<joined_batch>(count);
  const auto& raw = *part->raw();
  for (std::size_t i = 0; i < count; ++i)
    rest->take(i, detail::at_stride(raw.outcomes, 2 * i + 1, raw.outcome_stride));
  rest->keep(std::move(part));
  return rest;
}

config::server_address address_of(const config::store_settings& settings) {
  if (settings.addresses.empty()) return {std::string(local_host), config::default_store_port};
  return settings.addresses.front();
}

}  // namespace

cluster::cluster(boost::asio::io_context& context, const config::store_settings& settings, std::string name,
                 const server_identity& server, connection_user& user)
    : context_(context),
      settings_(settings),
      name_(std::move(name)),
      server_(server),
      user_(&user),
      timer_(context),
      random_(std::random_device{}()) {}

void cluster::start(std::shared_ptr<connection> first) {
  auto address = first->server().value_or(address_of(settings_));
  seed_ = std::make_shared<cluster_node>(std::move(first), std::move(address), *this);
  schedule_.begin(base::steady::now());
  ask(seed_);
}

// --- batches -----------------------------------------------------------------------------------------

void cluster::execute(ticket id, kept_commands commands, std::string_view route, purpose what,
                      on_complete done) {
  const auto now = base::steady::now();
  auto& which =
      flights_
          .try_emplace(id,
                       flight{routed_batch(std::move(commands), route, keys_, std::move(done), now), what})
          .first->second;
  if (stopped_) {
    settle(id, which, which.batch.all_indexes(), SCANHOST_OUTCOME_TRANSIENT, std::string(closed_text));
  } else if (topology_.empty()) {
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
    auto node = owner_of(which.batch.slot(index));
    auto found = std::ranges::find(groups, node, [](const auto& group) { return group.first; });
    if (found == groups.end()) found = groups.emplace(found, std::move(node), routed_batch::index_list());
    found->second.push_back(index);
  }
  for (auto& [node, group] : groups) {
    if (!node) {
      settle(id, which, group, SCANHOST_OUTCOME_TRANSIENT,
             fmt::format("no node of the cluster serves slot {}", which.batch.slot(group.front())));
      request_refresh();
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
  static constexpr std::array asking_word{word("ASKING")};
  const auto all = which.batch.commands();
  std::span<const scanhost_command> sent = all;
  if (asking || indexes.size() != all.size()) {
    scratch_.clear();
    for (const auto index : indexes) {
      if (asking) scratch_.push_back(command_of(asking_word));
      scratch_.push_back(all[index]);
    }
    sent = scratch_;
  }
  which.batch.part_leaves();
  ++node->outstanding;
  watch_silence();
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
  if (--node->outstanding == 0 && node->leaving) release_soon(node);
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
  if (which.batch.take_cluster_down()) request_refresh();
  if (which.batch.complete()) complete(id);
}

// As in a standalone store, a batch waits for a connection at most the connect timeout.
bool cluster::may_go_elsewhere(const cluster_node& node, const flight& which, std::uint32_t first) const {
  if (stopped_ || which.batch.cancelled()) return false;
  if (base::steady::now() - which.batch.begun() >= settings_.connect_timeout) return false;
  const auto owner = topology_.owner(which.batch.slot(first));
  return owner && topology_.primaries()[*owner] != node.address();
}

void cluster::follow(const cluster_node& from, ticket id, flight& which, routed_batch::next_step& step) {
  if (step.what == redirect::kind::try_again) {
    which.batch.wait_begins();
    later_.push_back({base::steady::now() + try_again_delay, id, std::move(step.indexes)});
    return arm();
  }
  if (step.target.host.empty()) step.target.host = from.address().host;
  bool news = false;
  for (const auto slot : step.slots) news = topology_.move(slot, step.target) || news;
  if (news) {
    follow_topology();
    request_refresh();
  }
  send_to(node_with(step.target), id, which, std::move(step.indexes), step.what == redirect::kind::ask);
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
  if (topology_.empty()) return waiting_.size() + count <= settings_.max_in_flight;
  const auto* node = known_owner(route);
  return node == nullptr || node->line().has_room(count);
}

bool cluster::has_room(std::size_t count) const {
  if (topology_.empty()) return waiting_.size() + count <= settings_.max_in_flight;
  return std::ranges::any_of(owners_,
                             [&](const auto& node) { return !node || node->line().has_room(count); });
}

// --- nodes -------------------------------------------------------------------------------------------

node_ptr cluster::node_with(const config::server_address& address) {
  auto& node = nodes_[config::to_text(address)];
  if (!node) node = std::make_shared<cluster_node>(context_, settings_, address, name_, *this);
  return node;
}

// Null: nobody serves the slot.
node_ptr cluster::owner_of(std::uint16_t slot) {
  const auto owner = topology_.owner(slot);
  if (!owner) return nullptr;
  auto& node = owners_[*owner];
  if (!node) node = node_with(topology_.primaries()[*owner]);
  return node;
}

const cluster_node* cluster::known_owner(std::string_view route) const {
  const auto owner = topology_.owner(slot_of(route));
  return owner ? owners_[*owner].get() : nullptr;
}

void cluster::follow_topology() {
  const auto& primaries = topology_.primaries();
  owners_.assign(primaries.size(), nullptr);
  for (std::size_t i = 0; i < primaries.size(); ++i)
    if (const auto known = nodes_.find(config::to_text(primaries[i])); known != nodes_.end())
      owners_[i] = known->second;
}

// A silent one will not answer what it was sent.
void cluster::retire(const node_ptr& node) {
  node->leaving = true;
  if (is_silent(*node, base::steady::now())) node->line().drop(replaced_text);
  if (node->is_away() && user_ != nullptr) user_->on_departure(node->endpoint());
  node->line().hand_back_waiting(departed_text);
  leaving_.push_back(node);
  if (node->outstanding == 0) release_soon(node);
}

// Not at once: this may be called by the node's own connection.
void cluster::release_soon(const node_ptr& node) {
  boost::asio::post(context_, [weak = weak_from_this(), node] {
    if (const auto self = weak.lock()) std::erase(self->leaving_, node);
  });
}

void cluster::on_node_up(cluster_node& node, bool again) {
  if (again) ++reconnects_;
  if (&node == seed_.get()) return ask(seed_);
  if (user_ != nullptr) user_->on_up(again, server_, nullptr);
}

void cluster::on_node_down(cluster_node&) {
  request_refresh();
  if (user_ != nullptr) user_->on_down();
}

// As long as a node cannot be reached, another may have taken its place.
void cluster::on_node_failed(cluster_node& node, const base::error& problem) {
  if (&node == seed_.get()) {
    release_soon(std::exchange(seed_, nullptr));
    return fail_refresh(problem, problem.code == base::errc::no_permission ? SCANHOST_OUTCOME_PERMANENT
                                                                           : SCANHOST_OUTCOME_TRANSIENT);
  }
  request_refresh();
  if (user_ != nullptr) user_->on_failed_attempt(problem);
}

// --- the topology ------------------------------------------------------------------------------------

void cluster::request_refresh() {
  if (stopped_) return;
  schedule_.request(base::steady::now());
  arm();
}

void cluster::refresh_nodes(std::function<void()> done) {
  refresh_waiters_.push_back(std::move(done));
  request_refresh();
}

void cluster::refresh(base::steady_time now) {
  schedule_.begin(now);
  if (const auto node = some_node_that_is_up())
    ask(node);
  else
    begin_at_next_seed();
}

// Each in turn, since one may be cut off from the others.
node_ptr cluster::some_node_that_is_up() {
  const auto now = base::steady::now();
  std::vector<node_ptr> candidates;
  for (const auto& [endpoint, node] : nodes_)
    if (node->up() && !is_silent(*node, now)) candidates.push_back(node);
  return candidates.empty() ? nullptr : candidates[next_asked_++ % candidates.size()];
}

// The nodes that were learned, and those of the configuration.
void cluster::begin_at_next_seed() {
  auto seeds = topology_.primaries();
  seeds.insert(seeds.end(), settings_.addresses.begin(), settings_.addresses.end());
  if (seeds.empty()) seeds.push_back(address_of(settings_));
  seed_ =
      std::make_shared<cluster_node>(context_, settings_, seeds[next_seed_++ % seeds.size()], name_, *this);
  seed_->set_quiet();
}

void cluster::ask(const node_ptr& node) {
  static constexpr std::array shards{word("CLUSTER"), word("SHARDS")};
  static constexpr std::array slots{word("CLUSTER"), word("SLOTS")};
  static constexpr std::array table{word("COMMAND")};
  const std::array questions{command_of(asks_slots_ ? slots : shards), command_of(table)};
  ++node->outstanding;
  asked_ = node;
  watch_silence();
  node->line().execute(questions.data(), keys_.empty() ? 2 : 1, sizeof(scanhost_command),
                       [weak = weak_from_this(), from = std::weak_ptr(node),
                        number = ++question_](std::unique_ptr<reply_batch> answers) {
                         const auto self = weak.lock();
                         const auto sender = from.lock();
                         if (!self || !sender) return;
                         if (--sender->outstanding == 0 && sender->leaving) self->release_soon(sender);
                         if (!self->stopped_ && number == self->question_) self->learn(sender, *answers);
                       });
}

void cluster::learn(const node_ptr& node, const reply_batch& answers) {
  const std::span outcomes(answers.raw()->outcomes, answers.raw()->outcome_count);
  const auto& map = outcomes.front();
  if (map.kind == SCANHOST_OUTCOME_ERROR_REPLY && !std::exchange(asks_slots_, true)) return ask(node);
  if (map.kind != SCANHOST_OUTCOME_REPLY) {
    const bool refused = map.kind == SCANHOST_OUTCOME_PERMANENT;
    return fail_refresh({refused ? base::errc::no_permission : base::errc::unavailable,
                         fmt::format("store {}: cannot read the topology of the cluster: {}",
                                     node->endpoint(), view(map.message))},
                        refused ? SCANHOST_OUTCOME_PERMANENT : SCANHOST_OUTCOME_TRANSIENT);
  }
  if (outcomes.size() > 1 && outcomes[1].kind == SCANHOST_OUTCOME_REPLY)
    keys_ = key_positions::of(*outcomes[1].reply);
  auto ranges = read_topology(*node, *map.reply);
  if (!ranges) return fail_refresh(ranges.error(), SCANHOST_OUTCOME_TRANSIENT);
  take_topology(*ranges);
}

base::result<std::vector<slot_range>> cluster::read_topology(const cluster_node& node,
                                                             const scanhost_reply& reply) const {
  auto ranges = asks_slots_ ? ranges_of_slots(reply, node.address().host)
                            : ranges_of_shards(reply, node.address().host, settings_.tls.has_value());
  if (ranges && !ranges->empty()) return ranges;
  const auto why =
      ranges ? std::string("no node serves any slot; create the cluster first") : ranges.error().message;
  return base::fail(base::errc::unavailable, fmt::format("store {}: {}", node.endpoint(), why));
}

void cluster::take_topology(const std::vector<slot_range>& ranges) {
  const bool changed = topology_.replace(ranges);
  if (changed) {
    const auto& primaries = topology_.primaries();
    tags_.clear();
    for (std::size_t i = 0; i < primaries.size(); ++i) tags_.push_back(topology_.tag_of(i));
    std::erase_if(nodes_, [&](const auto& entry) {
      if (std::ranges::count(primaries, entry.second->address()) > 0) return false;
      retire(entry.second);
      return true;
    });
    follow_topology();
  }
  last_error_.clear();
  end_refresh(true);
  const auto waiting = std::exchange(waiting_, {});
  for (const auto id : waiting) {
    auto& which = flights_.at(id);
    which.batch.wait_ends();
    which.batch.route_by(keys_);
    dispatch(id, which, which.batch.all_indexes());
  }
  if (user_ == nullptr) return;
  if (std::exchange(outage_reported_, false)) user_->on_recovery(settings_.url);
  if (changed) user_->on_up(false, server_, nullptr);
}

void cluster::fail_refresh(const base::error& problem, std::int32_t outcome) {
  last_error_ = problem.message;
  end_refresh(false);
  if (!topology_.empty()) return;
  if (outcome == SCANHOST_OUTCOME_PERMANENT) end_waiting(outcome, problem.message);
  if (user_ == nullptr) return;
  if (!std::exchange(outage_reported_, true)) user_->on_outage(settings_.url, problem.message);
  user_->on_failed_attempt(problem);
}

// While a node is away or a slot has none, the next answer may be another one soon.
void cluster::end_refresh(bool answered) {
  schedule_.end(base::steady::now(), answered && all_up(), std::uniform_real_distribution<>(0, 1)(random_));
  if (seed_) retire(std::exchange(seed_, nullptr));
  for (const auto& done : std::exchange(refresh_waiters_, {})) done();
  arm();
}

void cluster::end_waiting(std::int32_t kind, const std::string& why) {
  for (const auto id : std::exchange(waiting_, {})) {
    auto& which = flights_.at(id);
    which.batch.wait_ends();
    settle(id, which, which.batch.all_indexes(), kind, why);
  }
}

// --- silence -----------------------------------------------------------------------------------------

bool cluster::is_silent(const cluster_node& node, base::steady_time now) {
  return node.is_silent_for(max_silence, now);
}

bool cluster::some_node_is_silent(base::steady_time now) const {
  return std::ranges::any_of(nodes_, [&](const auto& entry) { return is_silent(*entry.second, now); });
}

// As long as a node owes a reply.
void cluster::watch_silence() {
  if (silence_check_) return;
  silence_check_ = base::steady::now() + silence_check_period;
  arm();
}

void cluster::check_silence(base::steady_time now) {
  if (!silence_check_ || *silence_check_ > now) return;
  silence_check_.reset();
  const bool silent = some_node_is_silent(now);
  if (std::exchange(silence_shown_, silent) != silent && user_ != nullptr)
    silent ? user_->on_down() : user_->on_up(false, server_, nullptr);
  give_up_question(now);
  if (silent) request_refresh();
  const auto asked = asked_.lock();
  if ((asked && asked->outstanding > 0) ||
      std::ranges::any_of(nodes_, [](const auto& entry) { return entry.second->outstanding > 0; }))
    watch_silence();
}

// Another node may answer.
void cluster::give_up_question(base::steady_time now) {
  const auto asked = asked_.lock();
  if (!schedule_.asking() || !asked || !is_silent(*asked, now)) return;
  ++question_;
  fail_refresh({base::errc::timed_out, fmt::format("store {}: it {}", asked->endpoint(), silent_text)},
               SCANHOST_OUTCOME_TRANSIENT);
}

// --- time --------------------------------------------------------------------------------------------

void cluster::arm() {
  auto due = schedule_.due();
  const auto include = [&due](base::steady_time at) { due = due ? std::min(*due, at) : at; };
  if (!waiting_.empty()) include(flights_.at(waiting_.front()).batch.begun() + settings_.connect_timeout);
  if (!later_.empty()) include(later_.front().due);
  if (silence_check_) include(*silence_check_);
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
  check_silence(now);
  if (const auto due = schedule_.due(); due && *due <= now) refresh(now);
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
                       last_error_.empty() ? "" : fmt::format(" ({})", last_error_)));
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

// --- what is known -----------------------------------------------------------------------------------

const std::string& cluster::node_route(std::size_t index) const {
  static const std::string anywhere;
  return index < tags_.size() ? tags_[index] : anywhere;
}

std::string cluster::node_at(std::string_view route) const {
  const auto owner = topology_.owner(slot_of(route));
  return owner ? config::to_text(topology_.primaries()[*owner]) : std::string();
}

bool cluster::is_silent(std::string_view route) const {
  const auto* node = known_owner(route);
  return node != nullptr && is_silent(*node, base::steady::now());
}

bool cluster::answers(std::string_view route) const {
  const auto* node = known_owner(route);
  return node == nullptr || (!node->is_away() && !is_silent(*node, base::steady::now()));
}

std::string cluster::node_name(std::size_t index) const {
  const auto& primaries = topology_.primaries();
  return index < primaries.size() ? config::to_text(primaries[index]) : settings_.url;
}

base::timestamp cluster::now(std::string_view route, base::steady_time at) const {
  const auto* node = known_owner(route);
  return node == nullptr ? base::timestamp{} : node->clock().now(at);
}

base::steady::duration cluster::clock_age(std::string_view route, base::steady_time at) const {
  const auto* node = known_owner(route);
  return node == nullptr ? base::steady::duration::max() : node->clock().age(at);
}

bool cluster::all_up() const {
  return !stopped_ && !topology_.empty() && topology_.unserved() == 0 &&
         std::ranges::none_of(nodes_, [](const auto& entry) { return entry.second->is_away(); }) &&
         !some_node_is_silent(base::steady::now());
}

client_status cluster::status() const {
  const auto now = base::steady::now();
  client_status status{connection_state::up, settings_.url, last_error_, {}, reconnects_, 0, {}};
  for (const auto& [endpoint, node] : nodes_) {
    const auto of_node = node->line().status();
    status.in_flight += of_node.in_flight;
    const bool silent = is_silent(*node, now);
    if (!node->is_away() && !silent) continue;
    status.unreachable.push_back(endpoint);
    if (!status.refusal) status.refusal = of_node.refusal;
    if (status.last_error.empty())
      status.last_error = silent ? fmt::format("{} {}", endpoint, silent_text)
                                 : fmt::format("{}: {}", endpoint, of_node.last_error);
  }
  if (const auto slots = topology_.unserved(); slots > 0 && !topology_.empty()) {
    status.unreachable.push_back(fmt::format("{} of {} slots, which no node serves", slots, slot_count));
    if (status.last_error.empty()) status.last_error = status.unreachable.back();
  }
  if (topology_.empty() && seed_) status.refusal = seed_->line().status().refusal;
  if (topology_.empty())
    status.state = last_error_.empty() ? connection_state::connecting : connection_state::down;
  else if (!status.unreachable.empty())
    status.state = connection_state::down;
  if (stopped_) status.state = connection_state::stopped;
  return status;
}

// --- the end -----------------------------------------------------------------------------------------

void cluster::stop() {
  if (std::exchange(stopped_, true)) return;
  timer_.cancel();
  for (const auto& [endpoint, node] : nodes_) node->line().stop();
  for (const auto& node : leaving_) node->line().stop();
  if (seed_) seed_->line().stop();
  end_waiting(SCANHOST_OUTCOME_TRANSIENT, std::string(closed_text));
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
  refresh_waiters_.clear();
  owners_.clear();
  nodes_.clear();
  leaving_.clear();
  seed_.reset();
}

}  // namespace scanhost::store
