// SPDX-License-Identifier: Apache-2.0
#include "store/cluster/cluster_nodes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <iterator>
#include <span>
#include <utility>

#include "config/store_keys.hpp"
#include "scanhost/slots.hpp"
#include "scanhost/text.hpp"
#include "store/protocol/command_of.hpp"

namespace scanhost::store {
namespace {

// A node that owes a reply for longer is silent: it is not ready, the others are asked who serves its slots,
// and nothing waits for it that need not. Its own commands have the whole command timeout.
constexpr base::milliseconds max_silence{1000};
constexpr base::milliseconds silence_check_period{250};

constexpr std::string_view silent_text = "has not answered for more than a second";
constexpr std::string_view replaced_text = "it does not answer, and other nodes serve its slots now";
constexpr std::string_view departed_text = "the node serves this slot no more";

// Where a node on a Unix socket is reached: it need not know its address.
constexpr std::string_view local_host = "127.0.0.1";

config::server_address address_of(const config::store_settings& settings) {
  if (settings.addresses.empty()) return {std::string(local_host), config::default_store_port};
  return settings.addresses.front();
}

}  // namespace

cluster_nodes::cluster_nodes(boost::asio::io_context& context, const config::store_settings& settings,
                             std::string name, const server_identity& server, connection_user& user,
                             topology_user& batches)
    : context_(context),
      settings_(settings),
      name_(std::move(name)),
      server_(server),
      user_(&user),
      batches_(&batches),
      timer_(context),
      random_(std::random_device{}()) {}

void cluster_nodes::start(std::shared_ptr<connection> first) {
  auto address = first->server().value_or(address_of(settings_));
  seed_ = std::make_shared<cluster_node>(std::move(first), std::move(address), *this);
  schedule_.begin(base::steady::now());
  ask(seed_);
}

// --- nodes -------------------------------------------------------------------------------------------

node_ptr cluster_nodes::node_with(const config::server_address& address) {
  auto& node = nodes_[config::to_text(address)];
  if (!node) node = std::make_shared<cluster_node>(context_, settings_, address, name_, *this);
  return node;
}

node_ptr cluster_nodes::owner_of(std::uint16_t slot) {
  const auto owner = topology_.owner(slot);
  if (!owner) return nullptr;
  auto& node = owners_[*owner];
  if (!node) node = node_with(topology_.primaries()[*owner]);
  return node;
}

const cluster_node* cluster_nodes::known_owner(std::string_view route) const {
  const auto owner = topology_.owner(slot_of(route));
  return owner ? owners_[*owner].get() : nullptr;
}

bool cluster_nodes::others_serve(std::uint16_t slot, const cluster_node& node) const {
  const auto owner = topology_.owner(slot);
  return owner && topology_.primaries()[*owner] != node.address();
}

void cluster_nodes::move(const std::vector<std::uint16_t>& slots, const config::server_address& target) {
  bool news = false;
  for (const auto slot : slots) news = topology_.move(slot, target) || news;
  if (!news) return;
  follow_topology();
  request_refresh();
}

void cluster_nodes::lend(cluster_node& node) {
  ++node.outstanding;
  watch_silence();
}

void cluster_nodes::take_back(const node_ptr& node) {
  if (--node->outstanding == 0 && node->leaving) release_soon(node);
}

void cluster_nodes::follow_topology() {
  const auto& primaries = topology_.primaries();
  owners_.assign(primaries.size(), nullptr);
  for (std::size_t i = 0; i < primaries.size(); ++i)
    if (const auto known = nodes_.find(config::to_text(primaries[i])); known != nodes_.end())
      owners_[i] = known->second;
}

// A silent one will not answer what it was sent.
void cluster_nodes::retire(const node_ptr& node) {
  node->leaving = true;
  if (node->is_silent()) node->line().drop(replaced_text);
  if (node->is_away() && user_ != nullptr) user_->on_departure(node->endpoint());
  node->line().hand_back_waiting(departed_text);
  leaving_.push_back(node);
  if (node->outstanding == 0) release_soon(node);
}

// Not at once: this may be called by the node's own connection.
void cluster_nodes::release_soon(const node_ptr& node) {
  boost::asio::post(context_, [weak = weak_from_this(), node] {
    if (const auto self = weak.lock()) std::erase(self->leaving_, node);
  });
}

void cluster_nodes::on_node_up(cluster_node& node, bool again) {
  if (again) ++reconnects_;
  if (&node == seed_.get()) return ask(seed_);
  if (user_ != nullptr) user_->on_up(again, server_, nullptr);
}

void cluster_nodes::on_node_down(cluster_node&) {
  request_refresh();
  if (user_ != nullptr) user_->on_down();
}

// As long as a node cannot be reached, another may have taken its place.
void cluster_nodes::on_node_failed(cluster_node& node, const base::error& problem) {
  if (&node == seed_.get()) {
    release_soon(std::exchange(seed_, nullptr));
    return fail_refresh(problem, problem.code == base::errc::no_permission ? SCANHOST_OUTCOME_PERMANENT
                                                                           : SCANHOST_OUTCOME_TRANSIENT);
  }
  request_refresh();
  if (user_ != nullptr) user_->on_failed_attempt(problem);
}

// --- the topology ------------------------------------------------------------------------------------

void cluster_nodes::request_refresh() {
  if (stopped_) return;
  schedule_.request(base::steady::now());
  arm();
}

void cluster_nodes::refresh(std::function<void()> done) {
  refresh_waiters_.push_back(std::move(done));
  request_refresh();
}

void cluster_nodes::ask_somebody(base::steady_time now) {
  schedule_.begin(now);
  if (const auto node = some_node_that_is_up())
    ask(node);
  else
    begin_at_next_seed();
}

// Each in turn, since one may be cut off from the others.
node_ptr cluster_nodes::some_node_that_is_up() {
  std::vector<node_ptr> candidates;
  for (const auto& [endpoint, node] : nodes_)
    if (node->up() && !node->is_silent()) candidates.push_back(node);
  return candidates.empty() ? nullptr : candidates[next_asked_++ % candidates.size()];
}

// The nodes that were learned, and those of the configuration.
void cluster_nodes::begin_at_next_seed() {
  auto seeds = topology_.primaries();
  seeds.insert(seeds.end(), settings_.addresses.begin(), settings_.addresses.end());
  if (seeds.empty()) seeds.push_back(address_of(settings_));
  seed_ =
      std::make_shared<cluster_node>(context_, settings_, seeds[next_seed_++ % seeds.size()], name_, *this);
  seed_->set_quiet();
}

void cluster_nodes::ask(const node_ptr& node) {
  static const std::array shards{to_c("CLUSTER"), to_c("SHARDS")};
  static const std::array slots{to_c("CLUSTER"), to_c("SLOTS")};
  static const std::array table{to_c("COMMAND")};
  const std::array questions{command_of(asks_slots_ ? slots : shards), command_of(table)};
  asked_ = node;
  lend(*node);
  node->line().execute(questions.data(), keys_.empty() ? 2 : 1, sizeof(scanhost_command),
                       [weak = weak_from_this(), from = std::weak_ptr(node),
                        number = ++question_](std::unique_ptr<reply_batch> answers) {
                         const auto self = weak.lock();
                         const auto sender = from.lock();
                         if (!self || !sender) return;
                         self->take_back(sender);
                         if (!self->stopped_ && number == self->question_) self->learn(sender, *answers);
                       });
}

void cluster_nodes::learn(const node_ptr& node, const reply_batch& answers) {
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

base::result<std::vector<slot_range>> cluster_nodes::read_topology(const cluster_node& node,
                                                                   const scanhost_reply& reply) const {
  auto ranges = asks_slots_ ? ranges_of_slots(reply, node.address().host)
                            : ranges_of_shards(reply, node.address().host, settings_.tls.has_value());
  if (ranges && !ranges->empty()) return ranges;
  const auto why =
      ranges ? std::string("no node serves any slot; create the cluster first") : ranges.error().message;
  return base::fail(base::errc::unavailable, fmt::format("store {}: {}", node.endpoint(), why));
}

void cluster_nodes::take_topology(const std::vector<slot_range>& ranges) {
  const bool changed = topology_.replace(ranges);
  if (changed) {
    tags_.clear();
    for (std::size_t i = 0; i < topology_.primaries().size(); ++i) tags_.push_back(topology_.tag_of(i));
    drop_departed();
    follow_topology();
  }
  last_error_.clear();
  end_refresh(true);
  if (batches_ != nullptr) batches_->on_topology();
  if (user_ == nullptr) return;
  if (std::exchange(outage_reported_, false)) user_->on_recovery(settings_.url);
  if (changed) user_->on_up(false, server_, nullptr);
}

void cluster_nodes::drop_departed() {
  const auto& primaries = topology_.primaries();
  std::erase_if(nodes_, [&](const auto& entry) {
    if (std::ranges::count(primaries, entry.second->address()) > 0) return false;
    retire(entry.second);
    return true;
  });
}

void cluster_nodes::fail_refresh(const base::error& problem, std::int32_t outcome) {
  last_error_ = problem.message;
  end_refresh(false);
  if (!topology_.empty()) return;
  if (outcome == SCANHOST_OUTCOME_PERMANENT && batches_ != nullptr)
    batches_->on_no_topology(outcome, problem.message);
  if (user_ == nullptr) return;
  if (!std::exchange(outage_reported_, true)) user_->on_outage(settings_.url, problem.message);
  user_->on_failed_attempt(problem);
}

// While a node is away or a slot has none, the next answer may be another one soon.
void cluster_nodes::end_refresh(bool answered) {
  schedule_.end(base::steady::now(), answered && all_up(), std::uniform_real_distribution<>(0, 1)(random_));
  if (seed_) retire(std::exchange(seed_, nullptr));
  for (const auto& done : std::exchange(refresh_waiters_, {})) done();
  arm();
}

// --- silence -----------------------------------------------------------------------------------------

bool cluster_nodes::some_node_is_silent() const {
  return std::ranges::any_of(nodes_, [](const auto& entry) { return entry.second->is_silent(); });
}

// As long as a node owes a reply.
void cluster_nodes::watch_silence() {
  if (silence_check_) return;
  silence_check_ = base::steady::now() + silence_check_period;
  arm();
}

void cluster_nodes::check_silence(base::steady_time now) {
  if (!silence_check_ || *silence_check_ > now) return;
  silence_check_.reset();
  for (const auto& [endpoint, node] : nodes_) node->look_for_silence(max_silence, now);
  if (seed_) seed_->look_for_silence(max_silence, now);
  const bool silent = some_node_is_silent();
  if (std::exchange(silence_shown_, silent) != silent && user_ != nullptr)
    silent ? user_->on_down() : user_->on_up(false, server_, nullptr);
  give_up_question();
  if (silent) request_refresh();
  const auto asked = asked_.lock();
  if ((asked && asked->outstanding > 0) ||
      std::ranges::any_of(nodes_, [](const auto& entry) { return entry.second->outstanding > 0; }))
    watch_silence();
}

// Another node may answer.
void cluster_nodes::give_up_question() {
  const auto asked = asked_.lock();
  if (!schedule_.asking() || !asked || !asked->is_silent()) return;
  ++question_;
  fail_refresh({base::errc::timed_out, fmt::format("store {}: it {}", asked->endpoint(), silent_text)},
               SCANHOST_OUTCOME_TRANSIENT);
}

// --- time --------------------------------------------------------------------------------------------

void cluster_nodes::arm() {
  auto due = schedule_.due();
  if (silence_check_) due = due ? std::min(*due, *silence_check_) : *silence_check_;
  if (!due || stopped_ || (armed_ && *armed_ <= *due)) return;
  armed_ = due;
  timer_.expires_at(*due);
  timer_.async_wait([weak = weak_from_this()](const auto& problem) {
    const auto self = weak.lock();
    if (!problem && self) self->on_timer();
  });
}

void cluster_nodes::on_timer() {
  armed_.reset();
  if (stopped_) return;
  const auto now = base::steady::now();
  check_silence(now);
  if (const auto due = schedule_.due(); due && *due <= now) ask_somebody(now);
  arm();
}

// --- what is known -----------------------------------------------------------------------------------

const std::string& cluster_nodes::route_to(std::size_t index) const {
  static const std::string anywhere;
  return index < tags_.size() ? tags_[index] : anywhere;
}

std::string cluster_nodes::address_at(std::string_view route) const {
  const auto owner = topology_.owner(slot_of(route));
  return owner ? config::to_text(topology_.primaries()[*owner]) : std::string();
}

bool cluster_nodes::is_silent(std::string_view route) const {
  const auto* node = known_owner(route);
  return node != nullptr && node->is_silent();
}

bool cluster_nodes::answers(std::string_view route) const {
  const auto* node = known_owner(route);
  return node == nullptr || (!node->is_away() && !node->is_silent());
}

std::string cluster_nodes::name_of(std::size_t index) const {
  const auto& primaries = topology_.primaries();
  return index < primaries.size() ? config::to_text(primaries[index]) : settings_.url;
}

bool cluster_nodes::has_room(std::string_view route, std::size_t count) const {
  const auto* node = known_owner(route);
  return node == nullptr || node->line().has_room(count);
}

bool cluster_nodes::has_room(std::size_t count) const {
  return std::ranges::any_of(owners_,
                             [&](const auto& node) { return !node || node->line().has_room(count); });
}

base::timestamp cluster_nodes::now(std::string_view route, base::steady_time at) const {
  const auto* node = known_owner(route);
  return node == nullptr ? base::timestamp{} : node->clock().now(at);
}

base::steady::duration cluster_nodes::clock_age(std::string_view route, base::steady_time at) const {
  const auto* node = known_owner(route);
  return node == nullptr ? base::steady::duration::max() : node->clock().age(at);
}

bool cluster_nodes::all_up() const {
  return !stopped_ && !topology_.empty() && topology_.unserved() == 0 &&
         std::ranges::none_of(nodes_, [](const auto& entry) { return entry.second->is_away(); }) &&
         !some_node_is_silent();
}

client_status cluster_nodes::status() const {
  client_status status{connection_state::up, settings_.url, last_error_, {}, reconnects_, 0, {}};
  for (const auto& [endpoint, node] : nodes_) {
    const auto of_node = node->line().status();
    status.in_flight += of_node.in_flight;
    const bool silent = node->is_silent();
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

void cluster_nodes::stop() {
  if (std::exchange(stopped_, true)) return;
  timer_.cancel();
  for (const auto& [endpoint, node] : nodes_) node->line().stop();
  for (const auto& node : leaving_) node->line().stop();
  if (seed_) seed_->line().stop();
}

void cluster_nodes::detach() {
  user_ = nullptr;
  batches_ = nullptr;
  stopped_ = true;
  timer_.cancel();
  refresh_waiters_.clear();
  owners_.clear();
  nodes_.clear();
  leaving_.clear();
  seed_.reset();
}

}  // namespace scanhost::store
