// SPDX-License-Identifier: Apache-2.0
//
// Which index an execution must be in, by its state (contract state.md 3).
#pragma once

#include <string_view>

namespace ff {

// The name of the lane's index, or empty: nothing is expected.
std::string_view expected_index(std::string_view phase, std::string_view eligibility,
                                std::string_view ownership) noexcept;

}  // namespace ff
