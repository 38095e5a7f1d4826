// SPDX-License-Identifier: Apache-2.0
//
// The store's client against a bare hiredis client that pipelines the same commands to the same private
// server, alternating. Prints medians and ratios (ours / bare; below 1 is faster):
//
//   idle    256 batches of one ZRANGEBYSCORE on an empty key, then wait for all
//   drain   64 batches of a page of 50 members and 50 small EVALs
//   encode  one command to bytes: ours against redisFormatCommandArgv
#include <hiredis/hiredis.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "metrics/registry.hpp"
#include "store/client.hpp"
#include "store/protocol/codec.hpp"
#include "support/commands.hpp"
#include "support/private_server.hpp"

namespace {

using namespace scanhost;
using store::command_list;

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

class bare_client {
 public:
  explicit bare_client(const std::string& path) : context_(redisConnectUnix(path.c_str()), redisFree) {}

  void run(std::vector<command_list>& batches) {
    std::size_t count = 0;
    for (auto& batch : batches) {
      const auto* commands = batch.data();
      for (std::size_t i = 0; i < batch.size(); ++i, ++count) append(commands[i]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      void* reply = nullptr;
      if (redisGetReply(context_.get(), &reply) != REDIS_OK) std::abort();
      freeReplyObject(reply);
    }
  }

 private:
  void append(const scanhost_command& command) {
    texts_.clear();
    sizes_.clear();
    for (std::size_t i = 0; i < command.arg_count; ++i) {
      texts_.push_back(command.args[i].data);
      sizes_.push_back(command.args[i].size);
    }
    redisAppendCommandArgv(context_.get(), static_cast<int>(texts_.size()), texts_.data(), sizes_.data());
  }

  std::unique_ptr<redisContext, void (*)(redisContext*)> context_;
  std::vector<const char*> texts_;
  std::vector<std::size_t> sizes_;
};

class our_client {
 public:
  explicit our_client(const std::string& path) : client_(context_, settings(path), metrics_, "bench") {
    client_.start();
    while (client_.status().state != store::connection_state::up) context_.run_one();
  }

  void run(std::vector<command_list>& batches) {
    std::size_t open = batches.size();
    for (auto& batch : batches) {
      client_.execute(batch.data(), batch.size(), sizeof(scanhost_command), "", [&open](auto) { --open; });
    }
    while (open > 0) context_.run_one();
  }

 private:
  static config::store_settings settings(const std::string& path) {
    config::store_settings result;
    result.socket_path = path;
    return result;
  }

  boost::asio::io_context context_{1};
  metrics::registry metrics_;
  store::client client_;
};

void compare(const char* name, int rounds, bare_client& bare, our_client& ours,
             std::vector<command_list>& batches) {
  std::vector<double> bare_times;
  std::vector<double> our_times;
  for (int i = 0; i < rounds; ++i) {
    bare_times.push_back(seconds_of([&] { bare.run(batches); }));
    our_times.push_back(seconds_of([&] { ours.run(batches); }));
  }
  const auto theirs = median(bare_times) * 1e6;
  const auto mine = median(our_times) * 1e6;
  std::printf("%-7s bare %9.1f us   ours %9.1f us   ratio %.3f\n", name, theirs, mine, mine / theirs);
}

void compare_encoding(command_list& commands) {
  constexpr int times = 200'000;
  const auto& command = commands.data()[0];
  const std::span args(command.args, command.arg_count);
  std::string out;
  const auto mine = seconds_of([&] {
    for (int i = 0; i < times; ++i) {
      if (out.size() > 60'000) out.clear();
      store::encode(out, args);
    }
  });
  std::vector<const char*> texts(args.size());
  std::vector<std::size_t> sizes(args.size());
  const auto theirs = seconds_of([&] {
    for (int i = 0; i < times; ++i) {
      if (out.size() > 60'000) out.clear();
      for (std::size_t k = 0; k < args.size(); ++k) {
        texts[k] = args[k].data;
        sizes[k] = args[k].size;
      }
      char* bytes = nullptr;
      const auto size =
          redisFormatCommandArgv(&bytes, static_cast<int>(args.size()), texts.data(), sizes.data());
      out.append(bytes, static_cast<std::size_t>(size));
      redisFreeCommand(bytes);
    }
  });
  std::printf("%-7s bare %9.1f ns   ours %9.1f ns   ratio %.3f\n", "encode", theirs / times * 1e9,
              mine / times * 1e9, mine / theirs);
}

std::vector<command_list> idle_batches() {
  std::vector<command_list> batches;
  for (int i = 0; i < 256; ++i) {
    const auto key = "engine:{p:" + std::to_string(i) + "}:index:due";
    batches.push_back({{"ZRANGEBYSCORE", key, "-inf", "1764000000000", "LIMIT", "0", "50"}});
  }
  return batches;
}

std::vector<command_list> drain_batches(test_support::private_server& server) {
  const std::string script = "return {1, redis.call('HINCRBY', KEYS[1], 'n', ARGV[1]), 'ok'}";
  std::vector<command_list> batches;
  for (int i = 0; i < 64; ++i) {
    const auto key = "index:" + std::to_string(i);
    command_list batch = {{"ZRANGEBYSCORE", key, "-inf", "+inf", "LIMIT", "0", "50"}};
    for (int k = 0; k < 50; ++k) {
      const auto item = "3f2b8c1e-0000-4000-8000-" + std::to_string(100'000'000'000 + i * 50 + k);
      server.call({"ZADD", key, std::to_string(k), item});
      batch.add({"EVAL", script, "1", "item:" + item, "1"});
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

}  // namespace

int main() {
  test_support::private_server server;
  bare_client bare(server.socket_path());
  our_client ours(server.socket_path());
  auto idle = idle_batches();
  auto drain = drain_batches(server);
  compare("idle", 2000, bare, ours, idle);
  compare("drain", 60, bare, ours, drain);
  compare_encoding(idle[0]);
}
