// SPDX-License-Identifier: Apache-2.0
//
// A plain client of the demo's own server: commands go out in batches, replies come back in order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

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

class store {
 public:
  explicit store(const std::filesystem::path& socket);  // connects; throws problem

  // Sends all, then reads a reply to each. Throws problem when the connection fails.
  std::vector<reply> batch(const std::vector<command>& commands);
  // One command; throws problem when its reply is an error.
  reply ask(const command& words);

  std::int64_t now_ms();  // the server's clock

 private:
  struct closer {
    void operator()(redisContext* context) const noexcept;
  };
  std::unique_ptr<redisContext, closer> context_;
};

}  // namespace scanhost::demo
