// SPDX-License-Identifier: Apache-2.0
//
// The C++ wrapper needs C++20. What an author includes comes here first.
#pragma once

#if __cplusplus < 202002L
#error \
    "scanhost's C++ wrapper needs C++20: compile with -std=c++20 or newer (the C headers work from C++11 on)"
#include "scanhost needs C++20"  // a missing file ends the compilation: nothing follows that hides the reason
#endif
