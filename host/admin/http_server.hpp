// SPDX-License-Identifier: Apache-2.0
//
// The HTTP server of the host: metrics, health, status, the page and the commands of an operator. The same
// routes answer at two places: a TCP port, for anybody who reaches it, and the control socket, for root and
// the user that the host runs as. Everything happens on the thread that runs the io_context.
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "admin/routes.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"

namespace scanhost::admin {

class http_server {
  class impl;

 public:
  static constexpr std::size_t max_connections = 64;

  // Both listen from here on. The sources are asked while the io_context runs and this lives.
  static base::result<std::unique_ptr<http_server>> open_port(boost::asio::io_context& context,
                                                              const config::admin_settings& settings,
                                                              sources from);
  // The socket's file has mode 0600. It replaces one that a host left when it died; that of a running host is
  // an error.
  static base::result<std::unique_ptr<http_server>> open_control_socket(boost::asio::io_context& context,
                                                                        const std::filesystem::path& path,
                                                                        sources from);

  explicit http_server(std::shared_ptr<impl> server) noexcept;  // for the two above

  // Closes every connection and removes the file of a control socket.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  // The TCP port, which the system chose if the settings say 0; 0 for a control socket.
  std::uint16_t port() const noexcept;

 private:
  std::shared_ptr<impl> impl_;  // shared with the connections, which end later than this
};

// Whether a user may use the control socket of a host that runs as `own`.
bool peer_allowed(uid_t peer, uid_t own) noexcept;

}  // namespace scanhost::admin
