// SPDX-License-Identifier: Apache-2.0
//
// Whether a record is as it must be: what to ask the store, and what the answers mean. Pure: no store here.
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

struct question {
  location at;
  data_type type;
};

// About all that a record had before or must have after.
std::vector<question> questions_about(const world& before, const world& after);
command command_of(const question& asked);
// Whether the answer means that there is something.
bool is_there(const reply& answer);

struct judgement {
  std::optional<std::string> violation;  // the key, what was expected, what was found
  std::vector<std::int64_t> moments;     // when the record was changed, by step
};

judgement judge(const world& want, std::span<const question> asked, std::span<const reply> answers,
                const window& when);

}  // namespace scanhost::demo
