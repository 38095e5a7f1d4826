// SPDX-License-Identifier: Apache-2.0
#include "reload/state_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/errno_text.hpp"
#include "base/unique_fd.hpp"
#include "base/write_all.hpp"

namespace scanhost::reload {
namespace {

namespace fs = std::filesystem;
using base::unique_fd;

constexpr std::size_t max_file_size = std::size_t{4} << 20U;

base::result<void> write_new(const fs::path& file, std::string_view text) {
  const unique_fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return state_error(file, "cannot be created");
  if (!base::write_all(fd.get(), text)) return state_error(file, "cannot be written");
  if (::fsync(fd.get()) != 0) return state_error(file, "cannot be written to disk");
  return {};
}

}  // namespace

base::error state_error(const fs::path& file, const char* problem) {
  return base::fail(
      base::errc::os,
      fmt::format(
          "{}: {}: {}; check that scanhost may write to plugins.staging and that the disk has space left",
          file.string(), problem, base::errno_text(errno)));
}

base::result<std::optional<std::string>> read_state(const fs::path& file) {
  const unique_fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return std::optional<std::string>();
  if (!fd) return state_error(file, "cannot be opened");
  std::string text;
  char part[4096];
  for (;;) {
    const auto got = ::read(fd.get(), part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return state_error(file, "cannot be read");
    if (got == 0 || text.size() > max_file_size) return std::optional(std::move(text));
    text.append(part, static_cast<std::size_t>(got));
  }
}

base::result<void> sync_folder(const fs::path& folder) {
  const unique_fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return state_error(folder, "cannot be written to disk");
  return {};
}

// Under the lock a new file that exists already was left by a host that was killed.
base::result<void> replace_state(const fs::path& file, std::string_view text) {
  auto fresh = file;
  fresh += ".new";
  ::unlink(fresh.c_str());
  auto done = write_new(fresh, text);
  if (done && ::rename(fresh.c_str(), file.c_str()) != 0) done = state_error(file, "cannot be replaced");
  if (!done) {
    ::unlink(fresh.c_str());
    return done;
  }
  return sync_folder(file.parent_path());
}

}  // namespace scanhost::reload
