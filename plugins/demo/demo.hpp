// SPDX-License-Identifier: Apache-2.0
//
// The demo from its start to its end.
#pragma once

#include "options.hpp"
#include "report.hpp"

namespace scanhost::demo {

// Everything that it starts or creates is gone when it returns or throws (problem).
outcome run_demo(const options& options);

}  // namespace scanhost::demo
