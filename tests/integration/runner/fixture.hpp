// SPDX-License-Identifier: Apache-2.0
//
// What a test of the runner needs: a server of its own, a loader, a registry, and plans for the small
// plugins beside it.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "metrics/registry.hpp"
#include "plugin/loader.hpp"
#include "plugin/staging.hpp"
#include "runner/scanner.hpp"
#include "support/private_server.hpp"

namespace scanhost::test {

using test_support::answer;
using test_support::private_server;
using test_support::server_options;

// Looks again and again until it is so; false: not within a minute.
bool eventually(const std::function<bool()>& so);

// The outcome of run_cycles, waited for.
class awaited_reports {
 public:
  using outcome = base::result<std::vector<runner::cycle_report>>;

  std::function<void(outcome)> receiver();
  // Ticks the scanner meanwhile, as the control thread does. Throws when nothing comes for two minutes.
  outcome get(runner::scanner& scanner);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<outcome> outcome_;
};

class runner_test : public testing::Test {
 protected:
  explicit runner_test(server_options options = {});
  ~runner_test() override;

  // A plan for the plugin `<name>.so`, with the interval 100 ms and four partitions.
  plan::scanner_plan plan(const std::string& name);
  std::unique_ptr<runner::scanner> scanner(plan::scanner_plan plan);
  awaited_reports::outcome run(std::uint64_t count, plan::scanner_plan plan);

  // Adds `count` entries to `due:{s:<partition>}`, due at `due_ms` (0: long ago).
  void seed(int partition, int count, const std::string& prefix = "item", std::int64_t due_ms = 0);
  std::int64_t left(int partition);
  std::int64_t server_now_ms();
  double metric(const std::string& series) const;  // of the text exposition; -1: not there
  std::filesystem::path file(const std::string& name) const { return folder_ / name; }

  private_server server_;
  metrics::registry registry_;

 private:
  std::filesystem::path folder_;
  std::unique_ptr<plugin::staging> staging_;
  std::unique_ptr<plugin::loader> loader_;
};

}  // namespace scanhost::test
