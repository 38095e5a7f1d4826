// SPDX-License-Identifier: Apache-2.0
//
// What a shell needs to complete the command line: commands, options and the choices of their values. Where a
// value can be anything, the shell offers files. The frames are the files of completions/; the commands go
// into them. Pure.
#pragma once

#include <span>
#include <string>

#include "base/embedded_file.hpp"
#include "commands/command_tree.hpp"

namespace scanhost::commands {

// The files of completions/. Generated at build time.
std::span<const base::embedded_file> completion_frames() noexcept;

std::string bash_completion(const command_entry& program);
std::string zsh_completion(const command_entry& program);
std::string fish_completion(const command_entry& program);

}  // namespace scanhost::commands
