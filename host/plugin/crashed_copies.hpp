// SPDX-License-Identifier: Apache-2.0
//
// The staged copies of builds that crashed their hosts. They stay in the dead host's folder, under the name
// that a core dump has for them, until the build is released, crashes again, or newer ones take their place.
//
// Whoever calls these holds the lock of the place (plugin/staging.hpp).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace scanhost::plugin {

inline constexpr std::size_t max_crashed_copies = 8;

// The file in a host's folder in which the handler of a crash writes "<sha256> <name of the copy>".
std::filesystem::path crash_marker(const std::filesystem::path& host_folder);

// Removes what a dead host left, but for the copy that crashed.
void remove_all_but_crashed(const std::filesystem::path& host_folder);

// Removes the kept copies beyond the newest of each build and the newest max_crashed_copies.
void limit_crashed_copies(const std::filesystem::path& place);

// The kept copy of that build; empty: there is none.
std::filesystem::path find_crashed_copy(const std::filesystem::path& place, std::string_view sha256);

// The build was released: its copy is not needed any more.
void remove_crashed_copies(const std::filesystem::path& place, std::string_view sha256);

}  // namespace scanhost::plugin
