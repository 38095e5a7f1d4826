// SPDX-License-Identifier: Apache-2.0
//
// A folder for each host below one place. A host holds a lock in its folder for as long as it lives, however
// it ends; so a folder whose lock can be had belongs to nobody.
#include "plugin/staging.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

#include "plugin/loader.hpp"
#include "plugin/mounts.hpp"
#include "plugin/random_text.hpp"
#include "plugin/unique_fd.hpp"

namespace scanhost::plugin {
namespace {

namespace fs = std::filesystem;
using base::errc;
using base::fail;

constexpr auto folder_prefix = "host-";

std::string reason_of(int number) { return std::generic_category().message(number); }

base::error staging_error(const fs::path& place, const std::string& what) {
  return fail(errc::os,
              place.string() + ": " + what + "; set plugins.staging to a folder that scanhost may write to");
}

// Nobody else may put something in the way of a library that is about to be opened.
base::result<void> make_place(const fs::path& place) {
  std::error_code problem;
  fs::create_directories(place, problem);
  if (problem) return staging_error(place, "cannot be made: " + problem.message());
  struct stat status {};
  if (::stat(place.c_str(), &status) != 0)
    return staging_error(place, "cannot be looked at: " + reason_of(errno));
  if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0)
    return fail(
        errc::no_permission,
        place.string() +
            ": every user may write there, so a plugin could be swapped before it is opened; chmod o-w it or change plugins.staging");
  return {};
}

class own_folder final : public staging {
 public:
  own_folder(fs::path folder, unique_fd lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  ~own_folder() override {
    std::error_code ignored;  // what stays is a leftover for the next host
    fs::remove_all(folder_, ignored);
  }
  const fs::path& folder() const noexcept override { return folder_; }

 private:
  fs::path folder_;
  unique_fd lock_;
};

base::result<std::unique_ptr<staging>> make_own_folder(const fs::path& place) {
  auto folder = place / (folder_prefix + std::to_string(::getpid()) + "-" + random_text());
  if (::mkdir(folder.c_str(), 0700) != 0) return staging_error(folder, "cannot be made: " + reason_of(errno));
  auto held = lock_file(folder / staging_lock_name, LOCK_EX | LOCK_NB);
  if (!held) return held.error();
  auto own_staging = std::make_unique<own_folder>(std::move(folder), std::move(*held));
  if (auto executable = check_executable(own_staging->folder()); !executable) return executable.error();
  return own_staging;
}

std::string read_text(const char* file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::string mount_text(const fs::path& folder) {
  std::error_code problem;
  const auto whole = fs::canonical(folder, problem);
  const auto found = find_mount(read_text("/proc/self/mountinfo"), problem ? folder : whole);
  if (!found) return "its mount";
  return "the " + found->type + " mounted at " + found->point.string() + " with " + found->options;
}

std::optional<std::string> from_process(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

base::result<unique_fd> lock_file(const fs::path& file, int mode) {
  unique_fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return staging_error(file, "cannot be opened: " + reason_of(errno));
  while (::flock(fd.get(), mode) != 0)
    if (errno != EINTR) return staging_error(file, "cannot be locked: " + reason_of(errno));
  return fd;
}

base::result<fs::path> default_staging(const environment& variable, bool root) {
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
      "no place for the copies of plugins: neither STATE_DIRECTORY, XDG_STATE_HOME nor HOME is set; set plugins.staging to a folder that scanhost may write to");
}

base::result<void> check_executable(const fs::path& folder) {
  const auto file = folder / ("mapping-" + random_text());
  const unique_fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return staging_error(folder, "cannot be written to: " + reason_of(errno));
  ::unlink(file.c_str());
  const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (::ftruncate(fd.get(), static_cast<std::int64_t>(size)) != 0)
    return staging_error(folder, "cannot be written to: " + reason_of(errno));
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd.get(), 0);
  if (mapped == MAP_FAILED)
    return fail(errc::os,
                folder.string() + ": files there cannot be mapped executable (" + reason_of(errno) +
                    "), by " + mount_text(folder) +
                    "; set plugins.staging to a folder on a filesystem that is mounted without noexec");
  ::munmap(mapped, size);
  return {};
}

void remove_leftovers(const fs::path& place) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(place, ignored)) {
    if (!entry.is_directory(ignored) || entry.is_symlink(ignored)) continue;
    if (!entry.path().filename().string().starts_with(folder_prefix)) continue;
    if (const auto held = lock_file(entry.path() / staging_lock_name, LOCK_EX | LOCK_NB))
      fs::remove_all(entry.path(), ignored);
  }
}

base::result<std::unique_ptr<staging>> open_staging(const fs::path& configured) {
  auto place = configured;
  if (place.empty()) {
    auto found = default_staging(from_process, ::geteuid() == 0);
    if (!found) return found.error();
    place = std::move(*found);
  }
  place = fs::absolute(place);
  if (auto result = make_place(place); !result) return result.error();
  // One host at a time here: a folder is not seen before it is locked.
  const auto alone = lock_file(place / staging_lock_name, LOCK_EX);
  if (!alone) return alone.error();
  remove_leftovers(place);
  return make_own_folder(place);
}

}  // namespace scanhost::plugin
