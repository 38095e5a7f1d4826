// SPDX-License-Identifier: Apache-2.0
#include "store/servers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "scanhost/text.hpp"
#include "store/protocol/command_of.hpp"

namespace scanhost::store {
namespace {

// Far from the tickets of a single connection: batches keep theirs when the store turns out to be a cluster.
constexpr ticket first_cluster_ticket = ticket{1} << 32;

constexpr std::string_view cluster_text = "the server turned out to be a node of a cluster";

base::result<void> time_result(const scanhost_outcome& outcome) {
  if (outcome.kind != SCANHOST_OUTCOME_REPLY)
    return base::fail(
        outcome.kind == SCANHOST_OUTCOME_PERMANENT ? base::errc::no_permission : base::errc::unavailable,
        fmt::format("cannot read the server's time: {}", view(outcome.message)));
  if (!time_of(*outcome.reply))
    return base::fail(base::errc::data, "the server's reply to TIME is not a time");
  return {};
}

}  // namespace

servers::servers(boost::asio::io_context& context, const config::store_settings& settings, std::string name,
                 connection_user& user)
    : context_(context),
      settings_(settings),
      name_(std::move(name)),
      user_(user),
      decided_(settings.mode != config::store_mode::automatic &&
               settings.mode != config::store_mode::cluster),
      line_(std::make_shared<connection>(context, settings, name_, static_cast<connection_user&>(*this))),
      last_ticket_(first_cluster_ticket) {}

servers::~servers() {
  if (cluster_) cluster_->detach();
  if (!line_) return;
  line_->detach();
  line_->stop();
}

ticket servers::execute_as(cluster::purpose what, const scanhost_command* commands, std::size_t count,
                           std::size_t stride, std::string_view route, on_complete done) {
  if (cluster_) {
    const auto id = ++last_ticket_;
    cluster_->execute(id, kept_commands(commands, count, stride), route, what, std::move(done));
    return id;
  }
  auto batch = std::make_shared<early_batch>(
      early_batch{kept_commands(commands, count, stride), std::string(route), what, std::move(done)});
  batch->id = line_->execute(commands, count, stride, [this, batch](std::unique_ptr<reply_batch> outcomes) {
    end_early(batch, std::move(outcomes));
  });
  early_.push_back(batch);
  return batch->id;
}

void servers::end_early(const std::shared_ptr<early_batch>& batch, std::unique_ptr<reply_batch> outcomes) {
  std::erase(early_, batch);
  if (!cluster_ || !outcomes->unsent()) return batch->done(std::move(outcomes));
  cluster_->execute(batch->id, std::move(batch->commands), batch->route, batch->what, std::move(batch->done));
  if (batch->cancelled) cluster_->cancel(batch->id);
}

void servers::cancel(ticket which) {
  if (line_) return line_->cancel(which);
  const auto early = std::ranges::find(early_, which, [](const auto& batch) { return batch->id; });
  if (early != early_.end())
    (*early)->cancelled = true;
  else
    cluster_->cancel(which);
}

std::string servers::node_route(std::size_t index) const {
  return cluster_ ? cluster_->nodes().route_to(index) : std::string();
}

std::string servers::node_name(std::size_t index) const {
  return cluster_ ? cluster_->nodes().name_of(index) : line_->endpoint();
}

void servers::refresh_clock(std::string_view route, std::function<void(base::result<void>)> done) {
  const std::array words{to_c("TIME")};
  const auto command = command_of(words);
  auto end = [this, done = std::move(done)](std::unique_ptr<reply_batch> batch) {
    const auto& outcome = batch->raw()->outcomes[0];
    auto result = time_result(outcome);
    // In a cluster, the clock of the node that answered is set already.
    if (result && !cluster_) clock_.observe(*time_of(*outcome.reply), base::steady::now());
    done(std::move(result));
  };
  if (!cluster_ && decided_)
    line_->execute(&command, 1, sizeof command, std::move(end));
  else
    execute_as(cluster::purpose::clock, &command, 1, sizeof command, route, std::move(end));
}

bool servers::all_up() const {
  return cluster_ ? cluster_->nodes().all_up() : line_->status().state == connection_state::up;
}

void servers::stop() {
  if (cluster_)
    cluster_->stop();
  else
    line_->stop();
}

void servers::on_up(bool again, const server_identity& server, const base::timestamp* server_time) {
  if (server.cluster || settings_.mode == config::store_mode::cluster) return become_cluster(server);
  decided_ = true;
  if (server_time != nullptr) clock_.observe(*server_time, base::steady::now());
  user_.on_up(again, server, server_time);
}

// What waits was meant for one server; nothing of it has been sent.
void servers::become_cluster(const server_identity& server) {
  cluster_ = std::make_shared<cluster>(context_, settings_, name_, server, user_);
  line_->hand_back_waiting(cluster_text);
  cluster_->start(std::exchange(line_, nullptr));
}

}  // namespace scanhost::store
