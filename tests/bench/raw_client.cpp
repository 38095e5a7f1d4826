// SPDX-License-Identifier: Apache-2.0
#include "bench/raw_client.hpp"

#include <sys/time.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>

namespace scanhost::bench {

raw_client::raw_client(const std::string& socket_path, std::chrono::seconds patience)
    : context_(redisConnectUnix(socket_path.c_str())), patience_(patience) {
  if (!context_ || context_->err != 0)
    throw std::runtime_error("cannot connect to " + socket_path + ": " +
                             (context_ ? context_->errstr : "no memory"));
  if (patience > std::chrono::seconds(0))
    redisSetTimeout(context_.get(), timeval{static_cast<time_t>(patience.count()), 0});
}

void raw_client::append(const std::vector<std::string_view>& args) {
  argv_.clear();
  lengths_.clear();
  for (const auto arg : args) {
    argv_.push_back(arg.data());
    lengths_.push_back(arg.size());
  }
  redisAppendCommandArgv(context_.get(), static_cast<int>(args.size()), argv_.data(), lengths_.data());
}

reply_ptr raw_client::read() {
  void* reply = nullptr;
  if (redisGetReply(context_.get(), &reply) != REDIS_OK) {
    if (context_->err == REDIS_ERR_IO && errno == EAGAIN)
      throw std::runtime_error("the server sent nothing for " + std::to_string(patience_.count()) + " s");
    throw std::runtime_error(std::string("connection lost: ") + context_->errstr);
  }
  return reply_ptr(static_cast<redisReply*>(reply));
}

reply_ptr raw_client::call(const std::vector<std::string_view>& args) {
  append(args);
  auto reply = read();
  if (reply->type == REDIS_REPLY_ERROR)
    throw std::runtime_error(std::string(args[0]) + ": " + std::string(reply->str, reply->len));
  return reply;
}

void raw_client::drain(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (const auto reply = read(); reply->type == REDIS_REPLY_ERROR)
      throw std::runtime_error(std::string(reply->str, reply->len));
}

std::int64_t raw_client::time_ms() {
  const auto reply = call({"TIME"});
  return std::strtoll(reply->element[0]->str, nullptr, 10) * 1000 +
         std::strtoll(reply->element[1]->str, nullptr, 10) / 1000;
}

}  // namespace scanhost::bench
