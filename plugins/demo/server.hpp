// SPDX-License-Identifier: Apache-2.0
//
// The demo's own server: private, on a Unix socket, without persistence, ended with the demo.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "child_process.hpp"
#include "store.hpp"

namespace scanhost::demo {

class server {
 public:
  // Starts valkey-server, else redis-server, with its files in `folder`, and waits until it answers. Throws
  // problem.
  explicit server(const std::filesystem::path& folder);

  const std::filesystem::path& socket() const noexcept { return socket_; }
  const std::string& name() const noexcept { return name_; }  // valkey, redis
  const std::string& version() const noexcept { return version_; }
  store connect() const { return store(socket_); }

 private:
  std::filesystem::path socket_;
  std::optional<child_process> process_;
  std::string name_;
  std::string version_;
};

}  // namespace scanhost::demo
