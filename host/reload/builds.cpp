// SPDX-License-Identifier: Apache-2.0
#include "reload/builds.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace scanhost::reload {
namespace {

// Whether what YAML may say is the same; texts and defaults do not matter.
bool takes_the_same(config::option left, config::option right) {
  for (auto* option : {&left, &right}) {
    option->help.clear();
    option->default_value.clear();
    option->default_values.clear();
  }
  return left == right;
}

bool same_options(const config::description& left, const config::description& right) {
  return std::equal(left.options.begin(), left.options.end(), right.options.begin(), right.options.end(),
                    takes_the_same);
}

}  // namespace

std::optional<std::string> objection(const plan::scanner_plan& plan,
                                     const std::optional<blocked_build>& blocked) {
  const auto file = plan.plugin.file.string();
  const auto& sha256 = plan.plugin.sha256;
  const auto& pin = plan.settings.sha256;
  if (!pin.empty() && pin != sha256)
    return fmt::format(
        "{}: has the SHA-256 {}, but scanners.{}.sha256 is {}; install the right file, or change the pin",
        file, sha256, plan.settings.name, pin);
  if (blocked)
    return fmt::format(
        "{}: this build ({}) is blocked: {}; install another build, or release it: scanhost ctl release {}",
        file, sha256.substr(0, 12), blocked->reason, sha256.substr(0, 12));
  return std::nullopt;
}

plan::scanner_plan with_build_of(const plan::scanner_plan& target, const plan::scanner_plan& running) {
  if (!same_options(target.plugin.description, running.plugin.description)) return running;
  auto plan = target;
  plan.plugin = running.plugin;
  return plan;
}

}  // namespace scanhost::reload
