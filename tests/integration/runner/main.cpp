// SPDX-License-Identifier: Apache-2.0
//
// The test program is also the child that probes a plugin, as the host's own program is.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <cstring>

#include "plugin/probe_child.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--probe") == 0) return scanhost::plugin::run_probe(argc, argv);
  const char* level = std::getenv("SCANHOST_TEST_LOG");
  spdlog::set_level(level == nullptr ? spdlog::level::off : spdlog::level::from_str(level));
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
