// SPDX-License-Identifier: Apache-2.0
#include "plugin/staging.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/environment.hpp"
#include "base/errno_text.hpp"
#include "base/file_identity.hpp"
#include "base/random_text.hpp"
#include "plugin/crashed_copies.hpp"

namespace scanhost::plugin {
namespace {

namespace fs = std::filesystem;
using base::errc;
using base::fail;
using base::unique_fd;

constexpr auto folder_prefix = "host-";

base::error staging_error(const fs::path& place, std::string_view problem) {
  return fail(errc::os, fmt::format("{}: {}; set plugins.staging to a folder that scanhost may write to",
                                    place.string(), problem));
}

// No other user may be able to exchange a library that is about to be opened.
base::result<void> make_place(const fs::path& place) {
  std::error_code problem;
  fs::create_directories(place, problem);
  if (problem) return staging_error(place, "cannot be created: " + problem.message());
  struct stat status {};
  if (::stat(place.c_str(), &status) != 0)
    return staging_error(place, "cannot be examined: " + base::errno_text(errno));
  if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0)
    return fail(
        errc::no_permission,
        fmt::format(
            "{}: every user may write there, so a plugin could be exchanged before it is opened; chmod o-w it or change plugins.staging",
            place.string()));
  return {};
}

base::result<std::unique_ptr<staging>> make_own_folder(const fs::path& place) {
  auto folder = place / fmt::format("{}{}-{}", folder_prefix, ::getpid(), base::random_text());
  if (::mkdir(folder.c_str(), 0700) != 0)
    return staging_error(folder, "cannot be created: " + base::errno_text(errno));
  auto lock = lock_file(folder / staging_lock_name, LOCK_EX | LOCK_NB);
  if (!lock) return lock.error();
  auto own = std::make_unique<staging>(std::move(folder), std::move(*lock));
  if (auto executable = check_executable(own->folder()); !executable) return executable.error();
  return own;
}

// The topmost folder above this one that is on the same device.
fs::path mount_point_of(const fs::path& folder) {
  std::error_code ignored;
  auto point = fs::canonical(folder, ignored);
  const auto device = base::identify(point);
  while (point.has_relative_path()) {
    const auto above = base::identify(point.parent_path());
    if (!device || !above || above->device != device->device) break;
    point = point.parent_path();
  }
  return point;
}

std::string explain_mapping(const fs::path& folder, const std::string& reason) {
  struct statvfs status {};
  const bool noexec = ::statvfs(folder.c_str(), &status) == 0 && (status.f_flag & ST_NOEXEC) != 0;
  const auto mount = noexec ? fmt::format("; the file system mounted at {} has the option noexec",
                                          mount_point_of(folder).string())
                            : "";
  return fmt::format(
      "{}: files there cannot be mapped executable: {}{}; set plugins.staging to a folder on a file system that is mounted without noexec",
      folder.string(), reason, mount);
}

}  // namespace

staging::staging(fs::path folder, unique_fd lock) noexcept
    : folder_(std::move(folder)), lock_(std::move(lock)) {}

staging::~staging() {
  std::error_code ignored;  // the next host removes what remains
  fs::remove_all(folder_, ignored);
}

base::result<unique_fd> lock_file(const fs::path& file, int mode) {
  unique_fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return staging_error(file, "cannot be opened: " + base::errno_text(errno));
  while (::flock(fd.get(), mode) != 0)
    if (errno != EINTR) return staging_error(file, "cannot be locked: " + base::errno_text(errno));
  return fd;
}

base::result<fs::path> default_staging(const base::environment& variable, bool root) {
  // systemd gives several folders separated by colons when the unit names several.
  if (const auto state = variable("STATE_DIRECTORY"); state && !state->empty())
    return fs::path(state->substr(0, state->find(':'))) / "staging";
  if (root) return fs::path("/var/lib/scanhost/staging");
  if (const auto state = variable("XDG_STATE_HOME"); state && fs::path(*state).is_absolute())
    return fs::path(*state) / "scanhost/staging";
  if (const auto home = variable("HOME"); home && fs::path(*home).is_absolute())
    return fs::path(*home) / ".local/state/scanhost/staging";
  return fail(
      errc::config,
      "there is no folder for the copies of plugins: none of STATE_DIRECTORY, XDG_STATE_HOME and HOME is set; set plugins.staging to a folder that scanhost may write to");
}

base::result<void> check_executable(const fs::path& folder) {
  const auto file = folder / ("mapping-" + base::random_text());
  const unique_fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return staging_error(folder, "cannot be written to: " + base::errno_text(errno));
  ::unlink(file.c_str());
  const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (::ftruncate(fd.get(), static_cast<std::int64_t>(size)) != 0)
    return staging_error(folder, "cannot be written to: " + base::errno_text(errno));
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd.get(), 0);
  if (mapped == MAP_FAILED) return fail(errc::os, explain_mapping(folder, base::errno_text(errno)));
  ::munmap(mapped, size);
  return {};
}

void remove_leftovers(const fs::path& place) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(place, ignored)) {
    if (!entry.is_directory(ignored) || entry.is_symlink(ignored)) continue;
    if (!entry.path().filename().string().starts_with(folder_prefix)) continue;
    if (const auto lock = lock_file(entry.path() / staging_lock_name, LOCK_EX | LOCK_NB))
      remove_all_but_crashed(entry.path());
  }
  limit_crashed_copies(place);
}

base::result<std::unique_ptr<staging>> staging::open(const fs::path& configured) {
  auto place = configured;
  if (place.empty()) {
    auto usual = default_staging(base::process_environment, ::geteuid() == 0);
    if (!usual) return usual.error();
    place = std::move(*usual);
  }
  place = fs::absolute(place);
  if (auto ready = make_place(place); !ready) return ready.error();
  // One host at a time here: a folder is not seen before it is locked.
  const auto lock = lock_file(place / staging_lock_name, LOCK_EX);
  if (!lock) return lock.error();
  remove_leftovers(place);
  return make_own_folder(place);
}

}  // namespace scanhost::plugin
