// SPDX-License-Identifier: Apache-2.0
//
// The child processes of a check run this program, as elsewhere they run `scanhost`.
#include <gmock/gmock.h>

#include <cstring>

#include "verify/verify.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--verify") == 0) return scanhost::verify::run_check(argc, argv);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
