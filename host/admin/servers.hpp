// SPDX-License-Identifier: Apache-2.0
//
// Where people and programs reach a host: the HTTP server at the port and the one at the control socket, and
// what their answers are made from.
//
// Threads: the control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admin/control.hpp"
#include "admin/history.hpp"
#include "admin/host_status.hpp"
#include "admin/http_server.hpp"
#include "admin/peers.hpp"
#include "admin/state_metrics.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "metrics/process_metrics.hpp"
#include "metrics/registry.hpp"
#include "runner/roster.hpp"

namespace scanhost::admin {

class servers {
 public:
  // The host that answers. All of it outlives the servers.
  struct host_parts {
    const runner::roster& scanners;
    metrics::registry& registry;
    control& commands;
    std::function<std::string()> not_ready;  // as in sources
    std::function<host_facts()> facts;
  };

  servers(boost::asio::io_context& context, config::admin_settings settings, host_parts host);

  // Both are open from here on, as far as the settings ask for them. Without a place for the usual control
  // socket a host goes on, and the log says so: two hosts on one machine are fine.
  base::result<void> open();
  void close() noexcept;

  // Adds to the last hour what is due. To be called about once a second.
  void sample(const std::vector<runner::scanner_status>& statuses, base::steady_time now);

 private:
  base::result<void> open_port();
  base::result<void> open_control_socket();
  sources answers();
  std::string expose_metrics();

  boost::asio::io_context& context_;
  const config::admin_settings settings_;
  const host_parts host_;
  metrics::process_metrics process_;
  state_metrics states_;
  history history_;
  peers peers_;
  std::unique_ptr<http_server> control_socket_;
  std::unique_ptr<http_server> port_;
};

}  // namespace scanhost::admin
