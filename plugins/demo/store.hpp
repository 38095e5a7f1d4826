// SPDX-License-Identifier: Apache-2.0
//
// The demo's own server, and a plain client of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "child_process.hpp"

struct redisContext;

namespace scanhost::demo {

enum class reply_kind { nil, text, number, list, error };

// A reply, copied out of the client library.
struct reply {
  reply_kind kind = reply_kind::nil;
  std::string text;  // also a status, or the message of an error
  std::int64_t number = 0;
  std::vector<reply> list;
};

using command = std::vector<std::string>;

// Commands go out in batches, replies come back in order.
class store {
 public:
  explicit store(const std::filesystem::path& socket);  // connects; throws problem

  // Sends all, then reads a reply to each. Throws problem when the connection fails.
  std::vector<reply> batch(const std::vector<command>& commands);
  // One command; throws problem when its reply is an error.
  reply ask(const command& words);

  std::int64_t now_ms();  // the server's clock

 private:
  std::unique_ptr<redisContext, void (*)(redisContext*)> context_;
};

// Private, on a Unix socket, without persistence, ended with the demo.
class server {
 public:
  // Starts valkey-server, else redis-server, with its files in `folder`; waits for it. Throws problem.
  explicit server(const std::filesystem::path& folder);

  const std::filesystem::path& socket() const noexcept { return socket_; }
  const std::string& name() const noexcept { return name_; }  // valkey, redis
  const std::string& version() const noexcept { return version_; }
  store connect() const { return store(socket_); }

 private:
  std::filesystem::path socket_;
  std::optional<child_process> process_;
  std::string name_, version_;
};

}  // namespace scanhost::demo
