// SPDX-License-Identifier: Apache-2.0
//
// The check against DNS rebinding: a web site that makes its own name point to this machine gets browsers
// to send requests here, with its name in the Host header. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scanhost::admin {

// A literal IP address, localhost, or one of `names` (in any case), with or without a port.
bool host_allowed(std::string_view host, const std::vector<std::string>& names);

}  // namespace scanhost::admin
