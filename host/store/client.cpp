// SPDX-License-Identifier: Apache-2.0
//
// A scanner's client: a connection, the clock of its node, and what is counted.
#include "store/client.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/log.hpp"
#include "metrics/registry.hpp"
#include "store/connection.hpp"
#include "store/node_clock.hpp"

namespace scanhost::store {
namespace {

struct client_metrics {
  std::array<metrics::counter, outcome_kinds> commands;
  metrics::gauge up;
  metrics::counter reconnects;

  client_metrics(metrics::registry& registry, const std::string& name) {
    const metrics::labels scanner = {{"scanner", name}};
    for (std::size_t kind = 0; kind < outcome_kinds; ++kind) {
      auto series = scanner;
      series.emplace("outcome", outcome_name(kind));
      commands[kind] = registry.counter(metrics::names::commands, series);
    }
    up = registry.gauge(metrics::names::connection_up, scanner);
    reconnects = registry.counter(metrics::names::reconnects, scanner);
  }
};

base::error error_of(const scanhost_outcome& outcome) {
  const auto code =
      outcome.kind == SCANHOST_OUTCOME_PERMANENT ? base::errc::no_permission : base::errc::unavailable;
  return base::fail(code, "the server's TIME: " + std::string(outcome.message.data, outcome.message.size));
}

}  // namespace

class client::impl final : public connection_user {
 public:
  impl(boost::asio::io_context& context, const config::store_settings& settings, metrics::registry& registry,
       std::string name)
      : metrics_(registry, name), name_(name), connection(context, settings, std::move(name), *this) {}

  void on_up(bool again, const base::timestamp* server_time) override {
    metrics_.up.set(1);
    if (again) metrics_.reconnects.add();
    if (server_time) clock.observe(*server_time, base::steady::now());
  }

  void on_down() override { metrics_.up.set(0); }
  void on_failed_attempt(const base::error&) override { metrics_.up.set(0); }

  void on_outage(std::string_view problem) override {
    base::log(
        base::severity::warn, name_,
        fmt::format("store {}: {}; trying again until it answers", connection.status().endpoint, problem));
  }

  void on_recovery() override {
    base::log(base::severity::info, name_,
              fmt::format("store {}: connected again", connection.status().endpoint));
  }

  void on_outcomes(const outcome_counts& counts) override {
    for (std::size_t kind = 0; kind < outcome_kinds; ++kind) {
      if (counts[kind] > 0) metrics_.commands[kind].add(static_cast<double>(counts[kind]));
    }
  }

  void refresh(std::function<void(base::result<void>)> done) {
    constexpr scanhost_string name{"TIME", 4};
    const scanhost_command command{sizeof(scanhost_command), 0, &name, 1, {}, {}, 0};
    connection.execute(&command, 1, sizeof(command),
                       [this, done = std::move(done)](std::unique_ptr<reply_batch> batch) {
                         done(observed(batch->raw()->outcomes[0]));
                       });
  }

 private:
  base::result<void> observed(const scanhost_outcome& outcome) {
    if (outcome.kind != SCANHOST_OUTCOME_REPLY) return error_of(outcome);
    const auto time = time_of(*outcome.reply);
    if (!time) return base::fail(base::errc::data, "the server's reply to TIME is not a time");
    clock.observe(*time, base::steady::now());
    return {};
  }

  client_metrics metrics_;
  std::string name_;

 public:
  node_clock clock;
  store::connection connection;  // last: it stops before the rest goes
};

client::client(boost::asio::io_context& context, const config::store_settings& settings,
               metrics::registry& registry, std::string name)
    : impl_(std::make_unique<impl>(context, settings, registry, std::move(name))) {}

client::~client() = default;

void client::start() { impl_->connection.start(); }

// One node serves every route of a standalone server; a topology will choose the connection here.
ticket client::execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                       std::string_view /*route*/, on_complete done) {
  return impl_->connection.execute(commands, count, stride, std::move(done));
}

void client::cancel(ticket which) { impl_->connection.cancel(which); }

base::timestamp client::now(std::string_view /*route*/, base::steady_time at) const {
  return impl_->clock.now(at);
}

base::milliseconds client::clock_age(std::string_view /*route*/, base::steady_time at) const {
  return impl_->clock.age(at);
}

void client::refresh_clock(std::string_view /*route*/, std::function<void(base::result<void>)> done) {
  impl_->refresh(std::move(done));
}

bool client::has_room(std::size_t count) const noexcept { return impl_->connection.has_room(count); }

std::size_t client::node_count() const noexcept { return 1; }

client_status client::status() const { return impl_->connection.status(); }

void client::stop() { impl_->connection.stop(); }

}  // namespace scanhost::store
