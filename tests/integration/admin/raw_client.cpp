// SPDX-License-Identifier: Apache-2.0
#include "integration/admin/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace scanhost::admin {

raw_client::raw_client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect(&address, sizeof address);
}

raw_client::raw_client(const std::filesystem::path& unix_socket)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, unix_socket.c_str(), sizeof address.sun_path - 1);
  connect(&address, sizeof address);
}

void raw_client::connect(const void* address, std::size_t size) {
  const timeval patience{30, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(fd_.get(), static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) != 0)
    throw std::runtime_error(std::string("cannot connect: ") + std::strerror(errno));
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void raw_client::finish() { ::shutdown(fd_.get(), SHUT_WR); }

bool raw_client::read_some() {
  std::array<char, 4096> bytes{};
  const auto count = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
  timed_out_ = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  if (count > 0) arrived_.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0;
}

std::string raw_client::read_all() {
  while (read_some()) {
  }
  return timed_out_ ? arrived_ + "(no end)" : arrived_;
}

std::string raw_client::read_until(std::string_view end) {
  auto found = arrived_.find(end);
  while (found == std::string::npos && read_some()) found = arrived_.find(end);
  const auto length = found == std::string::npos ? arrived_.size() : found + end.size();
  auto text = arrived_.substr(0, length);
  arrived_.erase(0, length);
  return text;
}

std::string ask(std::uint16_t port, const std::string& method, const std::string& target) {
  raw_client client(port);
  client.send(method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  return client.read_all();
}

}  // namespace scanhost::admin
