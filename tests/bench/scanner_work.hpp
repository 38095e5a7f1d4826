// SPDX-License-Identifier: Apache-2.0
//
// Due work for each scanner, with records of the demo, which are as wide and as varied as real ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/command_stream.hpp"
#include "bench/raw_client.hpp"

namespace scanhost::bench {

// The scanners that work can be written for.
std::vector<std::string> scanners_with_work();

// The keys of the scanner's configuration that let it do all of the work in one cycle.
std::string keys_for_work(const std::string& scanner);

// Always the same commands for the same `now_ms`: about `items` executions (budgets, quotas), nearly
// all with something due before `now_ms`, over all partitions.
class scanner_work {
 public:
  scanner_work(const std::string& scanner, std::size_t items, std::int64_t now_ms);

  // Empties the server and writes the work.
  void write(raw_client& client) const;

 private:
  std::vector<command> commands_;
};

}  // namespace scanhost::bench
