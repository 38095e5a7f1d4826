// SPDX-License-Identifier: Apache-2.0
//
// A scanner whose scan is set by the test, and a fixture that runs it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "scanhost/scanner.hpp"
#include "scanhost/testing/fake_host.hpp"
#include "scanhost/testing/plugin_of.hpp"

namespace wrapper_tests {

class scripted : public scanhost::scanner {
 public:
  static inline std::function<scanhost::task<scanhost::result>(scanhost::scan_context&)> script = {};

  static scanhost::description describe() {
    return {.name = "scripted",
            .version = "1.0.0",
            .summary = "does what the test says",
            .families = {{.name = "shard", .tag_pattern = "{shard:*}", .default_count = 4}}};
  }
  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override { return script(scan); }
};

class wrapper : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(host.violations(), ::testing::IsEmpty());
    host.destroy();
    scripted::script = nullptr;
  }
  scanhost::testing::fake_host host{scanhost::testing::plugin_of<scripted>()};
};

}  // namespace wrapper_tests
