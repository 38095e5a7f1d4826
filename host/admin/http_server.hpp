// SPDX-License-Identifier: Apache-2.0
//
// The HTTP server of the host: metrics, health and the status page, with its buttons where the settings
// allow them. Everything happens on the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>

#include "admin/routes.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"

namespace scanhost::admin {

class http_server {
  class impl;

 public:
  static constexpr std::size_t max_connections = 64;

  // Listens from here on. The sources are asked while the io_context runs and this lives.
  static base::result<std::unique_ptr<http_server>> open(boost::asio::io_context& context,
                                                         const config::admin_settings& settings,
                                                         sources from);

  explicit http_server(std::shared_ptr<impl> server) noexcept;  // for open()

  // Closes every connection.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  // The port, which the system chose when the settings say 0.
  std::uint16_t port() const noexcept;

 private:
  std::shared_ptr<impl> impl_;  // shared with the connections, which end later than this
};

}  // namespace scanhost::admin
