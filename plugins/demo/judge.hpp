// SPDX-License-Identifier: Apache-2.0
//
// Whether a record is as it must be: which questions to ask the store, and what the answers mean.
// Pure: no store here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store.hpp"
#include "world.hpp"

namespace scanhost::demo {

// Between these a record may have been changed, ms.
struct window {
  std::int64_t from = 0;   // it came due, or the run began, whichever is later
  std::int64_t until = 0;  // the host had ended
};

// One thing to look at: a key, or a place in an index.
struct question {
  enum class kind { plain, hash, members, scored, stream, score, membership };
  enum kind kind;
  std::string key;
  std::string member;  // of a place
};

// All that a record has, had or must have.
std::vector<question> questions_about(const world& before, const world& after);
command command_of(const question& asked);
// Whether the answer says that the key or place exists.
bool is_there(const reply& answer);

struct verdict {
  std::optional<std::string> violation;  // key, what it must be, what it is
  std::vector<std::int64_t> moments;     // when it was changed, by step
};

verdict judge(const world& want, std::span<const question> asked, std::span<const reply> answers,
              const window& when);

}  // namespace scanhost::demo
