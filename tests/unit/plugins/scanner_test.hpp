// SPDX-License-Identifier: Apache-2.0
//
// A bundled scanner, compiled into the test, under the scripted host.
#pragma once

#include <gtest/gtest.h>

#include <scanhost/testing/fake_host.hpp>
#include <string>
#include <vector>

#include "fake_index.hpp"

namespace ff::testing {

using namespace scanhost::testing;

class scanner_test : public ::testing::Test {
 protected:
  explicit scanner_test(host_settings settings = {}) : host(*scanhost_plugin_entry(), std::move(settings)) {
    // The index of the partition's only pass.
    host.on("ZRANGEBYSCORE", [this](const call& asked) { return index.answer(asked.args); });
  }
  ~scanner_test() override { EXPECT_EQ(host.violations(), std::vector<std::string>{}); }

  static host_settings without_drain() {
    host_settings settings;
    settings.drain = false;
    return settings;
  }

  double due(int ms_ago = 1000) const { return static_cast<double>(scanhost::to_ms(host.now()) - ms_ago); }

  fake_index index;
  fake_host host;
};

}  // namespace ff::testing
