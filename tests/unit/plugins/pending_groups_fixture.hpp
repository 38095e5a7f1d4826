// SPDX-License-Identifier: Apache-2.0
//
// A scanner of pending_cancel_groups under the scripted host: the set, ids, and what was called.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "fake_set.hpp"
#include "scanner_test.hpp"

namespace ff::testing {

constexpr const char* flow = "0000abe0-0000-4000-8000-000000000001";
constexpr const char* flow_in_capitals = "0000ABE0-0000-4000-8000-000000000001";

inline std::string execution(int number, int partition = 0) {
  char id[64];
  std::snprintf(id, sizeof id, "{fp:%d}:0000abe2-0000-4000-8000-%012d", partition, number);
  return id;
}

// The group of the flow's child with this number.
inline std::string group(int child = 1) { return std::string(flow) + "|" + execution(1'000'000 + child); }

class pending_groups_test : public scanner_test {
 protected:
  explicit pending_groups_test(const std::string& scanner, host_settings settings = {})
      : scanner_test(scanner, std::move(settings)) {
    host.on("SSCAN", [this](const call& asked) { return set.scan(asked.args); });
    host.on("EXISTS", [this](const call&) { return set.size() > 0 ? 1 : 0; });
    host.on("SREM", [this](const call& asked) {
      set.remove(asked.args[2]);
      return 1;
    });
  }

  std::vector<call> calls_of(std::string_view function) const {
    std::vector<call> found;
    for (const auto& asked : host.calls("FCALL"))
      if (asked.args[1] == function) found.push_back(asked);
    return found;
  }
  // Whole cycles of the partition.
  scan_report cycle() {
    host.begin_cycle();
    auto report = host.scan();
    host.end_cycle();
    return report;
  }

  fake_set set;
};

}  // namespace ff::testing
