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

// Why there is nothing, and what to do.
inline constexpr auto no_socket_place =
    "neither RUNTIME_DIRECTORY nor XDG_RUNTIME_DIR is set, so there is no place for it; set XDG_RUNTIME_DIR for the host and for scanhost ctl, or admin.socket in the configuration";

// The client's side, for which systemd sets no variable: the same without `$RUNTIME_DIRECTORY`, and the
// service's `/run/scanhost/control.sock` if the user has no socket. `exists` says whether a file exists.
std::filesystem::path control_socket_to_ask(const base::environment& variable, bool root,
                                            const std::function<bool(const std::filesystem::path&)>& exists);

}  // namespace scanhost::admin
