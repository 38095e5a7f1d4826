// SPDX-License-Identifier: Apache-2.0
//
// Whether the machine has room for the scanners, counted before the first of them starts: one that lacks a
// descriptor, or disk for the copy of its plugin, would fail and be started again without end.
//
// Connections to the nodes of a cluster are opened when they are needed, and are not counted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/error.hpp"
#include "plan/scanner_plan.hpp"

namespace scanhost::plan {

struct room {
  std::uint64_t staging_bytes = 0;
  std::uint64_t descriptors = 0;
};

// What the scanners take when they start, and the host beside them.
room needed_room(const std::vector<scanner_plan>& plans);

// What is left of the file system of the staging folder, and of the limit of descriptors.
base::result<room> free_room(const std::filesystem::path& staging);

// Ok, or errc::os with what is missing and what to do.
base::result<void> compare_room(const room& needed, const room& free, const std::filesystem::path& staging);

// Both for these scanners, which have not started.
base::result<void> check_room(const std::vector<scanner_plan>& plans, const std::filesystem::path& staging);

}  // namespace scanhost::plan
