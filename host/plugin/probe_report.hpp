// SPDX-License-Identifier: Apache-2.0
//
// What the child of a probe reports to its parent: JSON objects, one per line. Each step is reported when it
// begins, so that the last one shows where a child ended without a further report.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/description.hpp"
#include "plugin/refusal.hpp"

namespace scanhost::plugin {

// In the order in which they are taken.
enum class probe_step { start, open, entry, describe, create, destroy, close, done };

// "in its create", for messages.
std::string_view to_text(probe_step step) noexcept;

// What `create` answered with SCANHOST_BAD_OPTIONS.
struct bad_option {
  std::string option;  // empty: it named none
  std::string message;
};

struct probe_report {
  probe_step step = probe_step::start;  // the last that began
  std::optional<plugin::bad_option> bad_option;
  std::optional<load_error> refused;
  std::optional<config::description> description;
};

std::string line_of(probe_step step);
std::string line_of(const load_error& refused);
std::string line_of(const bad_option& refused);
std::string line_of(const config::description& description);

// Reads whole lines. Any other line is skipped: a plugin may write to any descriptor.
probe_report read_report(std::string_view text);

}  // namespace scanhost::plugin
