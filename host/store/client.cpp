// SPDX-License-Identifier: Apache-2.0
#include "store/client.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"

namespace scanhost::store {
client::client(boost::asio::io_context& context, const config::store_settings& settings,
               metrics::registry& registry, std::string name, rate_limits limits)
    : name_(std::move(name)),
      missed_(name_),
      series_(registry),
      servers_(context, settings, name_, static_cast<connection_user&>(*this)) {
  const metrics::labels scanner{{"scanner", name_}};
  for (std::size_t kind = 0; kind < outcome_kinds; ++kind) {
    auto series = scanner;
    series.emplace("outcome", outcome_name(kind));
    commands_[kind] = series_.counter(metrics::names::commands, series);
  }
  up_ = series_.gauge(metrics::names::connection_up, scanner);
  reconnects_ = series_.counter(metrics::names::reconnects, scanner);
  const auto waited = series_.counter(metrics::names::rate_limit_wait, scanner);
  if (!limits.empty()) pacer_ = std::make_unique<batch_pacer>(context, servers_, std::move(limits), waited);
}

client_status client::status() const {
  auto status = servers_.status();
  if (pacer_) status.rate = pacer_->status();
  return status;
}

// What waits for a limit ends like the rest.
void client::stop() {
  servers_.stop();
  set_limits_enabled(false);
}

void client::on_up(bool again, const server_identity& server, const base::timestamp*) {
  server_ = server;
  show_state();
  if (again) reconnects_.add();
}

void client::on_outage(std::string_view endpoint, std::string_view problem) {
  missed_.begin(endpoint, problem);
}

void client::on_warning(std::string_view endpoint, std::string_view warning) {
  base::log(base::events::store_warning, name_, fmt::format("store {}: {}", endpoint, warning),
            {{"error", warning}});
}

void client::on_recovery(std::string_view endpoint) { missed_.end(endpoint); }

void client::on_departure(std::string_view endpoint) { missed_.depart(endpoint); }

void client::on_outcomes(const outcome_counts& counts) {
  for (std::size_t kind = 0; kind < outcome_kinds; ++kind)
    if (counts[kind] > 0) commands_[kind].add(static_cast<double>(counts[kind]));
}

}  // namespace scanhost::store
