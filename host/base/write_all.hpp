// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace scanhost::base {

// Writes everything, however often it is interrupted. False: errno tells why. Safe in a signal handler.
bool write_all(int fd, std::string_view bytes) noexcept;

}  // namespace scanhost::base
