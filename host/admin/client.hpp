// SPDX-License-Identifier: Apache-2.0
//
// The client of a host's control socket: HTTP over a Unix socket, blocking.
#pragma once

#include <filesystem>

#include "admin/control_request.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"

namespace scanhost::admin {

// Sends the request on the route that commands.hpp gives its command, and waits for the answer. A refusal by
// the host is an answer, too. An error: nobody listens there, this user may not connect, or there is no
// answer within `patience`.
base::result<control_answer> ask(const std::filesystem::path& socket, const control_request& request,
                                 base::milliseconds patience);

}  // namespace scanhost::admin
