// SPDX-License-Identifier: Apache-2.0
#include "admin/control_client.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "admin/control_wire.hpp"
#include "base/errno_text.hpp"
#include "base/unique_fd.hpp"

namespace scanhost::admin {
namespace {

using base::errc;
using base::fail;

base::error cannot_connect(const std::filesystem::path& socket, int number) {
  const auto where = socket.string();
  if (number == ENOENT || number == ENOTDIR)
    return fail(
        errc::unavailable,
        "no scanhost listens at " + where +
            ": there is no such socket; start one, or name its socket with --socket, or its configuration with --config");
  if (number == ECONNREFUSED)
    return fail(errc::unavailable,
                "no scanhost listens at " + where + ": the one that made this socket has ended; start it");
  if (number == EACCES || number == EPERM)
    return fail(errc::no_permission,
                where + " is for root and the user that scanhost runs as; become one of them, with sudo");
  return fail(errc::unavailable, "cannot connect to " + where + ": " + base::errno_text(number));
}

class caller {
 public:
  caller(const std::filesystem::path& socket, base::milliseconds patience)
      : socket_(socket), patience_(patience), deadline_(base::steady::now() + patience) {}

  base::result<void> connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_.native().size() >= sizeof address.sun_path)
      return fail(errc::usage, socket_.string() + " is too long for the path of a Unix socket");
    std::memcpy(address.sun_path, socket_.c_str(), socket_.native().size());
    fd_ = base::unique_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd_) return fail(errc::os, "cannot make a socket: " + base::errno_text(errno));
    // Blocks while the host's queue is full; the system ends that wait as well.
    limit_wait(SO_SNDTIMEO);
    while (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN ? too_late() : cannot_connect(socket_, errno);
    }
    if (::fcntl(fd_.get(), F_SETFL, O_NONBLOCK) != 0)
      return fail(errc::os, "cannot prepare a socket: " + base::errno_text(errno));
    return {};
  }

  // A peer that has closed may have said why before, so that is no error here.
  base::result<void> send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      if (errno == EPIPE || errno == ECONNRESET) return {};
      if (auto ready = again(POLLOUT); !ready) return ready.error();
    }
    return {};
  }

  base::result<std::string> receive_line() {
    std::string line;
    std::array<char, 16 * 1024> part{};
    while (line.size() <= max_answer_size) {
      const auto got = ::recv(fd_.get(), part.data(), part.size(), 0);
      if (got < 0) {
        if (errno == ECONNRESET) return gone();
        if (auto ready = again(POLLIN); !ready) return ready.error();
        continue;
      }
      if (got == 0) return gone();
      line.append(part.data(), static_cast<std::size_t>(got));
      if (line.back() == '\n') {
        line.pop_back();
        return line;
      }
    }
    return fail(errc::data, "the answer of the host at " + socket_.string() + " is too long");
  }

 private:
  base::milliseconds left() const {
    const auto left = std::chrono::duration_cast<base::milliseconds>(deadline_ - base::steady::now());
    return std::max(left, base::milliseconds(0));
  }

  void limit_wait(int option) const {
    const auto ms = std::max<std::int64_t>(left().count(), 1);
    const timeval limit{ms / 1000, ms % 1000 * 1000};
    ::setsockopt(fd_.get(), SOL_SOCKET, option, &limit, sizeof limit);
  }

  // After a call that failed: nothing when it may be tried again.
  base::result<void> again(short events) const {
    if (errno == EINTR) return {};
    if (errno != EAGAIN)
      return fail(errc::os,
                  "cannot talk to the host at " + socket_.string() + ": " + base::errno_text(errno));
    pollfd descriptor{fd_.get(), events, 0};
    const auto wait = std::min<std::int64_t>(left().count(), 3'600'000);
    if (wait == 0) return too_late();
    ::poll(&descriptor, 1, static_cast<int>(wait));
    return {};
  }

  base::error too_late() const {
    return fail(
        errc::timed_out,
        "the host at " + socket_.string() + " has not answered within " + std::to_string(patience_.count()) +
            " ms; what was asked for may still happen (scanhost ctl status), and --timeout waits longer");
  }

  base::error gone() const {
    return fail(errc::unavailable,
                "the host at " + socket_.string() +
                    " closed the connection without an answer; it is stopping, or it has ended");
  }

  const std::filesystem::path& socket_;
  base::milliseconds patience_;
  base::steady_time deadline_;
  base::unique_fd fd_;
};

}  // namespace

base::result<control_answer> ask(const std::filesystem::path& socket, const control_request& request,
                                 base::milliseconds patience) {
  const auto line = to_line(request);
  if (line.size() > max_request_size) return fail(errc::usage, "the request is longer than 64 KiB");
  caller calling(socket, patience);
  if (auto connected = calling.connect(); !connected) return connected.error();
  if (auto sent = calling.send(line); !sent) return sent.error();
  auto answer = calling.receive_line();
  if (!answer) return answer.error();
  return read_answer(*answer);
}

}  // namespace scanhost::admin
