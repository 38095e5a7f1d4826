// SPDX-License-Identifier: Apache-2.0
#include "integration/admin/raw_unix_client.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace scanhost::admin {

raw_unix_client::raw_unix_client(const std::filesystem::path& socket)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{30, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect to " + socket.string() + ": " + std::strerror(errno));
}

bool raw_unix_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void raw_unix_client::finish() { ::shutdown(fd_.get(), SHUT_WR); }

std::string raw_unix_client::read_all() {
  std::string arrived;
  std::array<char, 4096> part{};
  for (;;) {
    const auto got = ::recv(fd_.get(), part.data(), part.size(), 0);
    if (got == 0 || (got < 0 && errno == ECONNRESET)) return arrived;
    if (got < 0) return arrived + "(no end)";
    arrived.append(part.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace scanhost::admin
