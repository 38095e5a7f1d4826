// SPDX-License-Identifier: Apache-2.0
//
// The commands that are never sent, because all scans of a scanner share its connection: they would
// change or block it for the others. A table, since it must hold before any server was asked; what
// the server's own COMMAND table knows better (key positions) is not decided here. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "scanhost/types.h"

namespace scanhost::store {

// Why this command is refused and what to do instead; empty: it may be sent. The text is static.
std::string_view refusal(const scanhost_string* args, std::size_t count) noexcept;

}  // namespace scanhost::store
