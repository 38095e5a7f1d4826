// SPDX-License-Identifier: Apache-2.0
#include "plan/room.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

#include "base/errno_text.hpp"
#include "base/size_text.hpp"
#include "metrics/process_metrics.hpp"

namespace scanhost::plan {
namespace {

namespace fs = std::filesystem;
using base::errc;
using base::fail;

constexpr std::uint64_t of_scanner = 5;  // its copy, a connection, three of its event loop
constexpr std::uint64_t of_host = 16;    // while it runs: a probe, requests of operators, files that it reads
constexpr std::uint64_t block = 4096;    // a file takes whole ones

std::uint64_t copy_size(const fs::path& file) {
  std::error_code unknown;  // a file that is gone is refused with its own words later
  const auto size = fs::file_size(file, unknown);
  return unknown ? 0 : (size + block - 1) / block * block;
}

}  // namespace

room needed_room(const std::vector<scanner_plan>& plans) {
  room needed{0, of_host + of_scanner * plans.size()};
  for (const auto& plan : plans) needed.staging_bytes += copy_size(plan.plugin.file);
  return needed;
}

base::result<room> free_room(const fs::path& staging) {
  struct statvfs disk {};
  if (::statvfs(staging.c_str(), &disk) != 0)
    return fail(errc::os, fmt::format("{}: its file system cannot be read: {}", staging.string(),
                                      base::errno_text(errno)));
  const auto usage = metrics::read_process_usage();
  return room{static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize,
              usage.max_fds - std::min(usage.max_fds, usage.open_fds)};
}

base::result<void> compare_room(const room& needed, const room& free, const fs::path& staging) {
  if (needed.staging_bytes > free.staging_bytes)
    return fail(
        errc::os,
        fmt::format(
            "{}: the copies of the plugins that the scanners open need {}, and {} are free; make room, or set plugins.staging to a folder elsewhere",
            staging.string(), base::size_text(static_cast<std::int64_t>(needed.staging_bytes)),
            base::size_text(static_cast<std::int64_t>(free.staging_bytes))));
  if (needed.descriptors > free.descriptors)
    return fail(
        errc::os,
        fmt::format(
            "the scanners need {} descriptors, and the limit of the process leaves {}; raise it (LimitNOFILE= of the unit, or ulimit -n), or enable fewer scanners",
            needed.descriptors, free.descriptors));
  return {};
}

base::result<void> check_room(const std::vector<scanner_plan>& plans, const fs::path& staging) {
  const auto free = free_room(staging);
  if (!free) return free.error();
  return compare_room(needed_room(plans), *free, staging);
}

}  // namespace scanhost::plan
