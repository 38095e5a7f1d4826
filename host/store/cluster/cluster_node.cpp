// SPDX-License-Identifier: Apache-2.0
#include "store/cluster/cluster_node.hpp"

#include <utility>

namespace scanhost::store {
namespace {

config::store_settings settings_at(const config::store_settings& settings,
                                   const config::server_address& address) {
  auto at = settings;
  at.addresses = {address};
  at.socket_path.clear();
  return at;
}

}  // namespace

cluster_node::cluster_node(boost::asio::io_context& context, const config::store_settings& settings,
                           config::server_address address, const std::string& name, node_listener& listener)
    : listener_(listener), address_(std::move(address)) {
  line_ = std::make_shared<connection>(context, settings_at(settings, address_), name,
                                       static_cast<connection_user&>(*this));
  line_->start();
}

cluster_node::cluster_node(std::shared_ptr<connection> taken, config::server_address address,
                           node_listener& listener)
    : listener_(listener), address_(std::move(address)), up_(true), line_(std::move(taken)) {
  line_->set_user(*this);
}

cluster_node::~cluster_node() {
  line_->detach();
  line_->stop();
}

void cluster_node::on_up(bool again, const server_identity&, const base::timestamp* server_time) {
  up_ = true;
  away_since_.reset();
  if (server_time != nullptr) clock_.observe(*server_time, base::steady::now());
  listener_.on_node_up(*this, again);
}

void cluster_node::on_down() {
  note_away();
  listener_.on_node_down(*this);
}

void cluster_node::on_failed_attempt(const base::error& problem) {
  note_away();
  listener_.on_node_failed(*this, problem);
}

void cluster_node::look_for_silence(base::milliseconds limit, base::steady_time now) {
  auto since = line_->silent_since();
  if (since && now - *since <= limit) since.reset();
  silent_since_ = since == suspected_since_ ? since : std::nullopt;
  suspected_since_ = since;
}

void cluster_node::note_away() {
  up_ = false;
  if (!away_since_) away_since_ = base::steady::now();
}

void cluster_node::on_outage(std::string_view endpoint, std::string_view problem) {
  if (auto* user = listener_.user(); user != nullptr && !quiet_) user->on_outage(endpoint, problem);
}

void cluster_node::on_warning(std::string_view endpoint, std::string_view warning) {
  if (auto* user = listener_.user(); user != nullptr && !quiet_) user->on_warning(endpoint, warning);
}

void cluster_node::on_recovery(std::string_view endpoint) {
  if (auto* user = listener_.user(); user != nullptr && !quiet_) user->on_recovery(endpoint);
}

}  // namespace scanhost::store
