// SPDX-License-Identifier: Apache-2.0
//
// Where the control socket is when none is configured. Pure.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace scanhost::admin {

// Looks up a variable of the environment; nothing: not set.
using environment = std::function<std::optional<std::string>(const char* name)>;

// The variables of this process.
std::optional<std::string> from_process(const char* name);

// The host's side: `$RUNTIME_DIRECTORY/control.sock` under systemd, `/run/scanhost/control.sock` for root,
// else `$XDG_RUNTIME_DIR/scanhost/control.sock`; nothing when that is not set either.
std::optional<std::filesystem::path> default_control_socket(const environment& variable, bool root);

// The client's side, which systemd tells nothing: the same without `$RUNTIME_DIRECTORY`, and
// `/run/scanhost/control.sock`, where the service's is, when there is none of the user's own. `exists` looks
// whether a file is there.
std::filesystem::path control_socket_to_ask(const environment& variable, bool root,
                                            const std::function<bool(const std::filesystem::path&)>& exists);

}  // namespace scanhost::admin
