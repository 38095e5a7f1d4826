// SPDX-License-Identifier: Apache-2.0
//
// Answers and partitions in the form of the ABI, laid out in memory that is lent.
#pragma once

#include <string>
#include <vector>

#include "scanhost/scanhost.h"
#include "scanhost/testing/answer.hpp"
#include "verify/reply_memory.hpp"

namespace scanhost::verify {

// `beyond`: bytes by which each growing struct is longer than this ABI says, as in a host of a later minor.
struct lent_replies {
  reply_memory::piece piece;
  const scanhost_replies* replies;
};
lent_replies lend(reply_memory& memory, const std::vector<testing::answer>& answers, std::size_t beyond);

struct partition {
  std::uint32_t index = 0;
  std::uint32_t count = 1;
  std::uint32_t flags = 0;
  std::string tag;
  std::string family;
  std::uint64_t cycle = 1;
};
struct lent_partition {
  reply_memory::piece piece;
  const scanhost_partition* partition;
};
lent_partition lend(reply_memory& memory, const partition& where, std::size_t beyond);

}  // namespace scanhost::verify
