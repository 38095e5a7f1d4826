// SPDX-License-Identifier: Apache-2.0
//
// The loader probes plugins in child processes that run its own program, which here is this test program.
#include <gmock/gmock.h>

#include <cstring>

#include "plugin/probe_child.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--probe") == 0) return scanhost::plugin::run_probe(argc, argv);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
