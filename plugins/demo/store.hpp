// SPDX-License-Identifier: Apache-2.0
//
// A plain client of the demo's own server: commands go out in batches, replies come back in order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct redisContext;

namespace scanhost::demo {

// A reply, copied out of the client library.
struct reply {
  enum class kind { nil, text, number, list, error };
  enum kind kind = kind::nil;
  std::string text;  // also a status and an error's message
  std::int64_t number = 0;
  std::vector<reply> list;
};

using command = std::vector<std::string>;

class store {
 public:
  // Connects to the Unix socket; throws problem.
  explicit store(const std::filesystem::path& socket);
  store(store&&) noexcept = default;
  store& operator=(store&&) noexcept = default;
  ~store() = default;

  // Sends all, then reads a reply to each. Throws problem when the connection fails.
  std::vector<reply> batch(const std::vector<command>& commands);
  // One command; an error reply is a problem.
  reply ask(const command& words);

  std::int64_t now_ms();  // the server's clock

 private:
  struct closer {
    void operator()(redisContext* context) const noexcept;
  };
  std::unique_ptr<redisContext, closer> context_;
};

}  // namespace scanhost::demo
