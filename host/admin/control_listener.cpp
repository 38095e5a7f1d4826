// SPDX-License-Identifier: Apache-2.0
#include "admin/control_listener.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

#include "base/clock.hpp"
#include "base/errno_text.hpp"
#include "base/socket_path.hpp"

namespace scanhost::admin {
namespace {

namespace fs = std::filesystem;
using base::errc;
using base::unique_fd;

constexpr mode_t owner_only = 0600;
constexpr int waiting_connections = 64;
constexpr base::milliseconds lock_patience{5'000};
constexpr base::milliseconds lock_pause{10};

base::error problem_with(const fs::path& what, const std::string& why, errc code = errc::os) {
  return base::fail(code,
                    fmt::format("the control socket: {} {}; set admin.socket to another path, or to none",
                                what.string(), why));
}

base::result<sockaddr_un> address_of(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() > base::max_socket_path)
    return problem_with(path, "is too long for the path of a Unix socket");
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  return address;
}

// Whoever may write to the folder could replace the socket by one of their own.
base::result<void> check_folder(int fd, const fs::path& folder) {
  struct stat status {};
  if (::fstat(fd, &status) != 0)
    return problem_with(folder, "cannot be inspected: " + base::errno_text(errno));
  if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0)
    return problem_with(folder, "is writable by every user", errc::no_permission);
  return {};
}

// Opens and locks the folder: of two hosts that start together, neither may take the other's file for one
// that was left behind.
base::result<unique_fd> lock_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return problem_with(folder, "cannot be created: " + base::errno_text(errno));
  unique_fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return problem_with(folder, "cannot be opened: " + base::errno_text(errno));
  if (auto fine = check_folder(fd.get(), folder); !fine) return fine.error();
  const auto deadline = base::steady::now() + lock_patience;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return problem_with(folder, "cannot be locked: " + base::errno_text(errno));
    if (base::steady::now() > deadline) return problem_with(folder, "is locked by another program");
    std::this_thread::sleep_for(lock_pause);
  }
  return fd;
}

unique_fd make_socket() {
  return unique_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// Removes the file only if nobody listens on it any longer.
base::result<void> clear_leftover(const fs::path& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0)
    return errno == ENOENT ? base::result<void>()
                           : problem_with(path, "cannot be inspected: " + base::errno_text(errno));
  if (!S_ISSOCK(status.st_mode)) return problem_with(path, "already exists and is not a socket");
  const auto caller = make_socket();
  if (!caller) return problem_with(path, "cannot be checked: " + base::errno_text(errno));
  const int tried = ::connect(caller.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (tried == 0 || errno != ECONNREFUSED)
    return problem_with(path, "belongs to a host that is running", errc::unavailable);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return problem_with(path,
                        "is left from an earlier host and cannot be removed: " + base::errno_text(errno));
  return {};
}

}  // namespace

base::result<control_listener> control_listener::open(const fs::path& path) {
  const auto address = address_of(path);
  if (!address) return address.error();
  const auto alone = lock_folder(path.has_parent_path() ? path.parent_path() : fs::path("."));
  if (!alone) return alone.error();
  if (auto cleared = clear_leftover(path, *address); !cleared) return cleared.error();
  auto fd = make_socket();
  // The file gets the mode of the socket that is bound, so that others can connect at no moment.
  if (!fd || ::fchmod(fd.get(), owner_only) != 0)
    return problem_with(path, "cannot be created: " + base::errno_text(errno));
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
    return problem_with(path, "cannot be created: " + base::errno_text(errno));
  struct stat file_state {};
  const bool fine = ::lstat(path.c_str(), &file_state) == 0 && (file_state.st_mode & 0777 & ~owner_only) == 0;
  if (!fine || ::listen(fd.get(), waiting_connections) != 0) {
    ::unlink(path.c_str());
    return problem_with(path, fine ? "cannot be listened on: " + base::errno_text(errno)
                                   : "would be open to others on this file system");
  }
  return control_listener(path, std::move(fd), file_state.st_dev, file_state.st_ino);
}

control_listener::~control_listener() {
  struct stat status {};
  if (path_.empty() || ::lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace scanhost::admin
