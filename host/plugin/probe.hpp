// SPDX-License-Identifier: Apache-2.0
//
// Tries a plugin out in a child process, the parent's side: whatever it does there, it does to the child.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/description.hpp"
#include "plugin/child.hpp"
#include "plugin/loader.hpp"

namespace scanhost::plugin {

using probe_ending = child_ending;

// The last argument of a child that is not to close the file.
inline constexpr std::string_view stay_open = "stay-open";

// The description of the plugin, or what the ending of its child says is wrong with it.
load_result<config::description> judge(const probe_ending& ending, base::milliseconds limit,
                                       const std::string& name);

// Probes the file that is open as `fd`. `name` stands for it in messages. With `closes` it is closed at the
// end as the host would; a plugin that is never unloaded may break there, and is not. Not to be called where
// nobody may wait: it takes as long as the plugin does, at most `limit`.
load_result<config::description> probe(int fd, const std::string& name, base::milliseconds limit,
                                       bool closes);

}  // namespace scanhost::plugin
