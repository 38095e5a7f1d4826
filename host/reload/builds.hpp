// SPDX-License-Identifier: Apache-2.0
//
// Which build a scanner shall run: the one that was found, unless there is an objection. Pure.
#pragma once

#include <optional>
#include <string>

#include "plan/scanner_plan.hpp"
#include "reload/blocked_builds.hpp"

namespace scanhost::reload {

// Why this scanner must not run this build: it is pinned to another build, or the build is blocked. None: it
// may.
std::optional<std::string> objection(const plan::scanner_plan& plan,
                                     const std::optional<blocked_build>& blocked);

// The target plan with the build of `running`; with its settings too if that build has other options.
plan::scanner_plan with_build_of(const plan::scanner_plan& target, const plan::scanner_plan& running);

}  // namespace scanhost::reload
