// SPDX-License-Identifier: Apache-2.0
#include "store/client.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "store/connection.hpp"

namespace scanhost::store {
namespace {

base::error time_error(const scanhost_outcome& outcome) {
  const auto code =
      outcome.kind == SCANHOST_OUTCOME_PERMANENT ? base::errc::no_permission : base::errc::unavailable;
  return base::fail(code, fmt::format("cannot read the server's time: {}",
                                      std::string_view(outcome.message.data, outcome.message.size)));
}

}  // namespace

client::client(boost::asio::io_context& context, const config::store_settings& settings,
               metrics::registry& registry, std::string name)
    : name_(std::move(name)),
      series_(registry),
      connection_(
          std::make_shared<connection>(context, settings, name_, static_cast<connection_user&>(*this))) {
  const metrics::labels scanner{{"scanner", name_}};
  for (std::size_t kind = 0; kind < outcome_kinds; ++kind) {
    auto series = scanner;
    series.emplace("outcome", outcome_name(kind));
    commands_[kind] = series_.counter(metrics::names::commands, series);
  }
  up_ = series_.gauge(metrics::names::connection_up, scanner);
  reconnects_ = series_.counter(metrics::names::reconnects, scanner);
}

client::~client() {
  connection_->detach();
  connection_->stop();
}

void client::start() { connection_->start(); }

ticket client::execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                       std::string_view /*route*/, on_complete done) {
  return connection_->execute(commands, count, stride, std::move(done));
}

void client::cancel(ticket which) { connection_->cancel(which); }

void client::refresh_clock(std::string_view /*route*/, std::function<void(base::result<void>)> done) {
  constexpr scanhost_string name{"TIME", 4};
  const scanhost_command command{sizeof(scanhost_command), 0, &name, 1, {}, {}, 0, nullptr, 0, 0};
  connection_->execute(&command, 1, sizeof(command),
                       [this, done = std::move(done)](std::unique_ptr<reply_batch> batch) {
                         done(observe_time(batch->raw()->outcomes[0]));
                       });
}

base::result<void> client::observe_time(const scanhost_outcome& outcome) {
  if (outcome.kind != SCANHOST_OUTCOME_REPLY) return time_error(outcome);
  const auto time = time_of(*outcome.reply);
  if (!time) return base::fail(base::errc::data, "the server's reply to TIME is not a time");
  clock_.observe(*time, base::steady::now());
  return {};
}

bool client::has_room(std::size_t count) const noexcept { return connection_->has_room(count); }

client_status client::status() const { return connection_->status(); }

void client::stop() { connection_->stop(); }

void client::on_up(bool again, const server_identity& server, const base::timestamp* server_time) {
  server_ = server;
  up_.set(1);
  if (again) reconnects_.add();
  if (server_time != nullptr) clock_.observe(*server_time, base::steady::now());
}

void client::on_outage(std::string_view problem) {
  base::log(base::severity::warn, name_,
            fmt::format("store {}: {}; retrying until it answers", connection_->endpoint(), problem));
}

void client::on_warning(std::string_view warning) {
  base::log(base::severity::warn, name_, fmt::format("store {}: {}", connection_->endpoint(), warning));
}

void client::on_recovery() {
  base::log(base::severity::info, name_, fmt::format("store {}: connected again", connection_->endpoint()));
}

void client::on_outcomes(const outcome_counts& counts) {
  for (std::size_t kind = 0; kind < outcome_kinds; ++kind)
    if (counts[kind] > 0) commands_[kind].add(static_cast<double>(counts[kind]));
}

}  // namespace scanhost::store
