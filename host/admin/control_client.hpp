// SPDX-License-Identifier: Apache-2.0
//
// The client's side of the control socket.
#pragma once

#include <filesystem>

#include "admin/control.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"

namespace scanhost::admin {

// Asks and waits for the answer, blocking. An error when there is none: nobody listens there, may not, or
// does not answer within `patience`.
base::result<control_answer> ask(const std::filesystem::path& socket, const control_request& request,
                                 base::milliseconds patience);

}  // namespace scanhost::admin
