// SPDX-License-Identifier: Apache-2.0
#include "reload/inotify.hpp"

#include <fmt/format.h>
#include <sys/inotify.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/errno_text.hpp"

namespace scanhost::reload {
namespace {

// Not IN_MODIFY: a file matters once its writer is done with it.
constexpr std::uint32_t watched_events = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
                                         IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

constexpr int max_reads = 16;  // then other handlers run

}  // namespace

base::result<inotify> inotify::open() {
  base::unique_fd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!fd)
    return base::fail(base::errc::os,
                      fmt::format("files cannot be watched: {}; raise fs.inotify.max_user_instances (sysctl)",
                                  base::errno_text(errno)));
  return inotify(std::move(fd));
}

boost::system::result<int, int> inotify::add(const std::filesystem::path& folder) noexcept {
  const int watch = ::inotify_add_watch(fd_.get(), folder.c_str(), watched_events);
  if (watch < 0) return {boost::system::in_place_error, errno};
  return {boost::system::in_place_value, watch};
}

void inotify::remove(int watch) noexcept { ::inotify_rm_watch(fd_.get(), watch); }

bool inotify::read(const std::function<void(const event&)>& take) {
  alignas(inotify_event) std::array<char, std::size_t{16} * 1024> buffer;
  for (int i = 0; i < max_reads; ++i) {
    const auto got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event notice;
      std::memcpy(&notice, buffer.data() + at, sizeof notice);
      const char* name = buffer.data() + at + sizeof notice;
      at += sizeof notice + notice.len;
      take({notice.wd, notice.mask, {name, notice.len == 0 ? 0 : ::strnlen(name, notice.len)}});
    }
  }
  return false;
}

}  // namespace scanhost::reload
