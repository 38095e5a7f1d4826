// SPDX-License-Identifier: Apache-2.0
//
// Tries a plugin out in a child process, the parent's side: whatever it does there, it harms only the child.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/description.hpp"
#include "plugin/child.hpp"
#include "plugin/refusal.hpp"

namespace scanhost::plugin {

// The last argument of a child that shall not close the file.
inline constexpr std::string_view stay_open = "stay-open";

// The description of the plugin, or what is wrong with it, from how its child ended.
load_result<config::description> judge(const child_ending& ending, base::milliseconds limit,
                                       const std::string& name);

// Probes the file that is open as `fd`. `name` stands for it in messages. With `closes` the child closes it
// at the end as the host would; without, not: a plugin that is never unloaded may fail there. Waits as long
// as the plugin takes, at most `limit`.
load_result<config::description> probe(int fd, const std::string& name, base::milliseconds limit,
                                       bool closes);

}  // namespace scanhost::plugin
