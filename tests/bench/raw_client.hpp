// SPDX-License-Identifier: Apache-2.0
//
// The bare client that scanhost is measured against: hiredis, blocking, pipelining by hand.
#pragma once

#include <hiredis/hiredis.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::bench {

struct reply_deleter {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using reply_ptr = std::unique_ptr<redisReply, reply_deleter>;

std::int64_t to_ms(const redisReply& time);  // the reply to TIME

class raw_client {
 public:
  // `patience`: how long read() waits for a reply; 0: forever.
  explicit raw_client(const std::string& socket_path, std::chrono::seconds patience = {});
  explicit raw_client(std::uint16_t port);  // of 127.0.0.1

  // Queues a command; nothing is sent before the next read.
  void append(const std::vector<std::string_view>& args);

  // Sends what is queued.
  void send();

  // The next reply, in order. Throws std::runtime_error if none arrives in time or the connection is lost.
  reply_ptr read();

  // One command and its reply. Throws on an error reply.
  reply_ptr call(const std::vector<std::string_view>& args);

  // Reads this many replies; throws on an error reply among them.
  void drain(std::size_t count);

  std::int64_t time_ms();

 private:
  void check_connection(const std::string& address) const;

  struct context_deleter {
    void operator()(redisContext* context) const noexcept { redisFree(context); }
  };
  std::unique_ptr<redisContext, context_deleter> context_;
  std::chrono::seconds patience_{};
  std::vector<const char*> argv_;
  std::vector<std::size_t> lengths_;
};

}  // namespace scanhost::bench
