// SPDX-License-Identifier: Apache-2.0
//
// What the server was sent, as MONITOR shows it: every command of a run of the host, byte by byte, to be
// sent again by the bare client.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/raw_client.hpp"

namespace scanhost::bench {

using command = std::vector<std::string>;

struct monitored {
  double at_ms = 0;        // when the server began it
  bool of_script = false;  // called by the function or script before it
  command args;
};

// A line of MONITOR: `1700000000.123456 [0 unix:/run/s] "GET" "a\x00b"`. Throws when it is not one.
monitored parse_monitor_line(std::string_view line);

// Everything that the server was sent while `work` ran.
std::vector<monitored> record(const std::string& socket_path, const std::function<void()>& work);

// Only the commands of the cycle: without those called by functions and those that a host sends when it
// starts.
std::vector<command> commands_of_cycle(const std::vector<monitored>& lines);

// Sends them in order, with at most this many awaiting their replies.
void replay(raw_client& client, const std::vector<command>& commands, std::size_t window = 1000);

}  // namespace scanhost::bench
