// SPDX-License-Identifier: Apache-2.0
#include "reload/builds.hpp"

#include <algorithm>

namespace scanhost::reload {
namespace {

bool same_options(const config::description& left, const config::description& right) {
  return std::equal(left.options.begin(), left.options.end(), right.options.begin(), right.options.end(),
                    [](const config::option& option, const config::option& other) {
                      return option.name == other.name && option.type == other.type &&
                             option.minimum == other.minimum && option.maximum == other.maximum;
                    });
}

}  // namespace

std::optional<std::string> objection(const plan::scanner_plan& plan,
                                     const std::optional<blocked_build>& blocked) {
  const auto& build = plan.plugin;
  if (!plan.settings.sha256.empty() && plan.settings.sha256 != build.sha256)
    return build.file.string() + ": has the hash " + build.sha256 + ", but scanners." + plan.settings.name +
           ".sha256 wants " + plan.settings.sha256 + "; put the right file there, or change the pin";
  if (blocked)
    return build.file.string() + ": this build (" + build.sha256.substr(0, 12) +
           ") is blocked: " + blocked->reason +
           "; put another build there, or release it: scanhost ctl release " + build.sha256.substr(0, 12);
  return std::nullopt;
}

plan::scanner_plan with_build_of(const plan::scanner_plan& target, const plan::scanner_plan& ran) {
  if (!same_options(target.plugin.description, ran.plugin.description)) return ran;
  auto plan = target;
  plan.plugin = ran.plugin;
  return plan;
}

}  // namespace scanhost::reload
