// SPDX-License-Identifier: Apache-2.0
//
// Where the control socket is when none is configured. Pure.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "base/environment.hpp"

namespace scanhost::admin {

// The host's side: `$RUNTIME_DIRECTORY/control.sock` under systemd, `/run/scanhost/control.sock` for root,
// else `$XDG_RUNTIME_DIR/scanhost/control.sock`; nothing when that is not set either.
std::optional<std::filesystem::path> default_control_socket(const base::environment& variable, bool root);

// The client's side, for which systemd sets no variable: the same without `$RUNTIME_DIRECTORY`, and the
// service's `/run/scanhost/control.sock` if the user has no socket. `exists` says whether a file exists.
std::filesystem::path control_socket_to_ask(const base::environment& variable, bool root,
                                            const std::function<bool(const std::filesystem::path&)>& exists);

}  // namespace scanhost::admin
