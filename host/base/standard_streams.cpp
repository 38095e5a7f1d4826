// SPDX-License-Identifier: Apache-2.0
#include "base/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace scanhost::base {
namespace {

// The lowest free number is the one that a new descriptor gets: those below are open already.
bool open_if_missing(int fd, int mode) noexcept {
  if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) return true;
  return ::open("/dev/null", mode) == fd;
}

}  // namespace

bool open_missing_standard_streams() noexcept {
  return open_if_missing(STDIN_FILENO, O_RDONLY) && open_if_missing(STDOUT_FILENO, O_RDONLY) &&
         open_if_missing(STDERR_FILENO, O_WRONLY);
}

}  // namespace scanhost::base
