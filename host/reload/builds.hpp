// SPDX-License-Identifier: Apache-2.0
//
// Which build a scanner is to run: the one that was found, unless something speaks against it. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "plan/scanner_plan.hpp"
#include "reload/blocked_builds.hpp"

namespace scanhost::reload {

// Why this build must not run this scanner: a pin to another one, or a block. None: it may.
std::optional<std::string> objection(const plan::scanner_plan& plan,
                                     const std::optional<blocked_build>& blocked);

// What is wanted, with the build of `ran`; with its settings too where that build has other options.
plan::scanner_plan with_build_of(const plan::scanner_plan& target, const plan::scanner_plan& ran);

}  // namespace scanhost::reload
