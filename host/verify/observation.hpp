// SPDX-License-Identifier: Apache-2.0
//
// Lets a plugin scan stores of many kinds, in a child process, to see which commands it sends.
#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "verify/check.hpp"
#include "verify/observed_commands.hpp"
#include "verify/verify.hpp"

namespace scanhost::verify {

struct observation {
  observed_commands sent;
  std::set<std::string> named;  // commands that the file names and that were not sent
};

// `how`: the options and the store; its checks do not matter. An error: the plugin cannot be read, or did not
// get to the end, so that its commands are not known.
base::result<observation> observe_plugin(const std::filesystem::path& file, const options& how);

// The child's side. Not one of the checks: it judges nothing.
const child_check& observing_task() noexcept;

}  // namespace scanhost::verify
