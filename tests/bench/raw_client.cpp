// SPDX-License-Identifier: Apache-2.0
#include "bench/raw_client.hpp"

#include <sys/time.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>

namespace scanhost::bench {

raw_client::raw_client(const std::string& socket_path, std::chrono::seconds patience)
    : context_(redisConnectUnix(socket_path.c_str())), patience_(patience) {
  check_connection(socket_path);
  if (patience > std::chrono::seconds(0))
    redisSetTimeout(context_.get(), timeval{static_cast<time_t>(patience.count()), 0});
}

raw_client::raw_client(std::uint16_t port) : context_(redisConnect("127.0.0.1", port)) {
  check_connection("127.0.0.1:" + std::to_string(port));
}

void raw_client::check_connection(const std::string& address) const {
  if (!context_ || context_->err != 0)
    throw std::runtime_error("cannot connect to " + address + ": " +
                             (context_ ? context_->errstr : "no memory"));
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

void raw_client::send() {
  for (int done = 0; done == 0;)
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK)
      throw std::runtime_error(std::string("connection lost: ") + context_->errstr);
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

std::int64_t raw_client::time_ms() { return to_ms(*call({"TIME"})); }

std::int64_t to_ms(const redisReply& time) {
  return std::strtoll(time.element[0]->str, nullptr, 10) * 1000 +
         std::strtoll(time.element[1]->str, nullptr, 10) / 1000;
}

}  // namespace scanhost::bench
