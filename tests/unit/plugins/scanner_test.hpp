// SPDX-License-Identifier: Apache-2.0
//
// A bundled scanner, as it was built, under the scripted host.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <scanhost/testing/fake_host.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "fake_index.hpp"

namespace ff::testing {

using namespace scanhost::testing;

// Loads the scanner's .so, which stays loaded. Throws std::runtime_error where that cannot be.
inline const scanhost_plugin& bundled_scanner(const std::string& name) {
  void* const library = dlopen((PLUGINS_FOLDER "/" + name + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const entry = library == nullptr ? nullptr : dlsym(library, SCANHOST_ENTRY_SYMBOL);
  if (entry == nullptr) throw std::runtime_error(dlerror());
  return *reinterpret_cast<decltype(&scanhost_plugin_entry)>(entry)();
}

class scanner_test : public ::testing::Test {
 protected:
  explicit scanner_test(const std::string& scanner, host_settings settings = {})
      : host(bundled_scanner(scanner), std::move(settings)) {
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
