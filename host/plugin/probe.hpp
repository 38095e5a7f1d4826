// SPDX-License-Identifier: Apache-2.0
//
// Tries a plugin out in a child process, the parent's side: whatever it does there, it harms only the child.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/description.hpp"
#include "plugin/child.hpp"
#include "plugin/instance_settings.hpp"
#include "plugin/probe_report.hpp"
#include "plugin/refusal.hpp"

namespace scanhost::plugin {

// Last arguments of a child: it shall not close the file; it gets the settings of its scanner on its standard
// input.
inline constexpr std::string_view stay_open = "stay-open";
inline constexpr std::string_view with_settings = "with-settings";

struct probe_request {
  std::string name;  // stands for the file in messages
  base::milliseconds limit{10'000};
  // The child closes the file at the end as the host would. A plugin that is never unloaded may fail there.
  bool closes = true;
  std::optional<instance_settings> settings = {};  // none: the defaults; no instance if an option is required
};

struct probed_plugin {
  config::description description;
  std::optional<plugin::bad_option> bad_option = {};  // `create` refused the options; all else is fine
};

// What is wrong with the plugin, or what it says, from how its child ended.
load_result<probed_plugin> judge(const child_ending& ending, base::milliseconds limit,
                                 const std::string& name);

// Probes the file that is open as `fd`. Waits as long as the plugin takes, at most the limit.
load_result<probed_plugin> probe(int fd, const probe_request& request);

}  // namespace scanhost::plugin
