// SPDX-License-Identifier: Apache-2.0
#include "admin/servers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "admin/commands.hpp"
#include "admin/control_path.hpp"
#include "admin/observation.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"
#include "base/time_text.hpp"

namespace scanhost::admin {
namespace {

namespace events = base::events;
using base::log;

void log_missing_socket(const std::string& reason) {
  log(events::control_socket_missing, {},
      fmt::format("this host has no control socket, so scanhost ctl cannot reach it: {}", reason),
      {{"error", reason}});
}

}  // namespace

servers::servers(boost::asio::io_context& context, config::admin_settings settings, host_parts host)
    : context_(context),
      settings_(std::move(settings)),
      host_(std::move(host)),
      process_(host_.registry),
      states_(host_.registry),
      peers_(context, settings_.peers, settings_.read_token) {}

base::result<void> servers::open() {
  if (auto open = open_port(); !open) return open.error();
  return open_control_socket();
}

void servers::close() noexcept {
  port_.reset();
  control_socket_.reset();
}

base::result<void> servers::open_port() {
  if (!settings_.enabled) return {};
  auto server = http_server::open_port(context_, settings_, answers());
  if (!server) return server.error();
  port_ = std::move(*server);
  log(events::host_listening, fmt::format("listening on http://{}:{}/", settings_.address, port_->port()));
  return {};
}

base::result<void> servers::open_control_socket() {
  if (!settings_.socket_enabled) return {};
  const auto usual = default_control_socket(base::process_environment, ::geteuid() == 0);
  if (!settings_.socket_configured && !usual) {
    log_missing_socket(std::string(no_socket_place));
    return {};
  }
  const auto path = settings_.socket_configured ? settings_.socket : *usual;
  auto server = http_server::open_control_socket(context_, path, answers());
  if (!server && settings_.socket_configured) return server.error();
  if (!server) {
    log_missing_socket(server.error().message);
    return {};
  }
  control_socket_ = std::move(*server);
  log(events::control_socket_opened, fmt::format("control socket: {}", path.string()));
  return {};
}

sources servers::answers() {
  const auto perform_command = [this](const control_request& request, on_answer done) {
    perform(host_.commands, request, std::move(done));
  };
  return {.metrics = [this] { return expose_metrics(); },
          .statuses = [this] { return host_.scanners.statuses(); },
          .not_ready = host_.not_ready,
          .control = perform_command,
          .process = &metrics::read_process_usage,
          .history = &history_,
          .failures = [this](std::string_view scanner,
                             std::size_t max_items) { return host_.scanners.failures(scanner, max_items); },
          .host = host_.facts,
          .questions = perform_command,
          .peers = [this] { return peers_.json(); }};
}

std::string servers::expose_metrics() {
  process_.refresh();
  states_.refresh(host_.scanners.statuses());
  return host_.registry.text();
}

void servers::sample(const std::vector<runner::scanner_status>& statuses, base::steady_time now) {
  if (history_.is_due(now)) history_.add(observe(statuses, host_.registry), now, base::system_now());
}

}  // namespace scanhost::admin
