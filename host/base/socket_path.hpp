// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/un.h>

#include <cstddef>

namespace scanhost::base {

// How long the path of a Unix socket may be, in bytes (unix(7)); beyond it Asio throws.
inline constexpr std::size_t max_socket_path = sizeof(sockaddr_un::sun_path) - 1;

}  // namespace scanhost::base
