// SPDX-License-Identifier: Apache-2.0
//
// The states of the store that keep one scanner from its work: when each began, what it hit, when it is over.
// Pure.
//
// A state begins with a command that the server refuses for it. A state that refuses all commands, or all
// writes, is over when a probe says so (generation/store_probe). One that refuses only some, such as a
// missing right, is over after a cycle that did not meet it, as is one that a probe cannot find out about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "store/protocol/states.hpp"

namespace scanhost::runner {

struct store_trouble {
  store::state state = store::state::serving;
  std::string text;            // the server's own words, at most max_text bytes
  std::string route;           // of the command that met it last
  std::uint64_t commands = 0;  // that were refused
  base::timestamp since{};
  base::steady_time began{};

  static constexpr std::size_t max_text = 300;
};

class store_troubles {
 public:
  // A command was refused. True: the state begins.
  bool add(store::state which, std::string_view text, std::string_view route, base::steady_time now,
           base::timestamp wall);
  // A probe was refused for another reason, so that only cycles can tell.
  void distrust_probes(store::state which);

  void begin_cycle() noexcept;
  // Those that are over. `answered`: the server has answered a command of the cycle.
  std::vector<store_trouble> complete_cycle(bool answered);
  // What it was; none: it was over already.
  std::optional<store_trouble> end(store::state which);

  bool empty() const noexcept { return current_.empty(); }
  std::vector<store_trouble> current() const;

 private:
  struct entry {
    store_trouble trouble;
    bool met = false;  // in this cycle
    bool unprobed = false;
  };

  std::vector<entry> current_;
};

}  // namespace scanhost::runner
