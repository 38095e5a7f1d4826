// SPDX-License-Identifier: Apache-2.0
//
// The control socket of the host: a Unix socket for root and the user that the host runs as. A connection
// brings one request and gets one answer. Everything happens on the thread that runs the io_context.
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>

#include "admin/control.hpp"
#include "base/error.hpp"

namespace scanhost::admin {

class control_server {
  class impl;

 public:
  static constexpr std::size_t max_connections = 32;

  // Listens from here on. The file has mode 0600 and replaces one that a dead host left; that of a living
  // one is an error. The handler is asked while the io_context runs and this lives.
  static base::result<std::unique_ptr<control_server>> open(boost::asio::io_context& context,
                                                            const std::filesystem::path& path,
                                                            control_handler handler);

  explicit control_server(std::shared_ptr<impl> server) noexcept;  // for open()

  // Closes every connection and removes the file.
  ~control_server();
  control_server(const control_server&) = delete;
  control_server& operator=(const control_server&) = delete;

 private:
  std::shared_ptr<impl> impl_;  // shared with what is under way, which ends later than this
};

// Root and the user that the host runs as may ask.
bool peer_allowed(uid_t peer, uid_t own) noexcept;

}  // namespace scanhost::admin
