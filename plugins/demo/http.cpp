// SPDX-License-Identifier: Apache-2.0
//
// HTTP/1.0 asks for a plain body and the end of the connection behind it.
#include "http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>

#include "problem.hpp"

namespace scanhost::demo {
namespace {

class socket_handle {
 public:
  socket_handle() : number_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  socket_handle(const socket_handle&) = delete;
  socket_handle& operator=(const socket_handle&) = delete;
  ~socket_handle() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const noexcept { return number_; }

 private:
  int number_;
};

sockaddr_in address_of(const endpoint& where) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(where.port);
  ::inet_pton(AF_INET, where.address == "0.0.0.0" ? "127.0.0.1" : where.address.c_str(), &address.sin_addr);
  return address;
}

const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

bool send_all(int to, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(to, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string receive_all(int from) {
  std::string whole;
  char part[16384];
  for (;;) {
    const auto count = ::recv(from, part, sizeof part, 0);
    if (count <= 0) return whole;
    whole.append(part, static_cast<std::size_t>(count));
  }
}

template <class Number>
bool parse(std::string_view text, Number& number) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::optional<endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  endpoint where{std::string(text.substr(0, colon)), 0};
  in_addr parsed = {};
  if (::inet_pton(AF_INET, where.address.c_str(), &parsed) != 1) return std::nullopt;
  if (!parse(text.substr(colon + 1), where.port) || where.port == 0) return std::nullopt;
  return where;
}

endpoint free_endpoint() {
  const socket_handle probe;
  auto address = address_of({"127.0.0.1", 0});
  socklen_t size = sizeof address;
  if (::bind(probe.number(), as_sockaddr(address), size) != 0 ||
      ::getsockname(probe.number(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw problem("127.0.0.1: no port is free for the status page; try --listen none");
  }
  return {"127.0.0.1", ntohs(address.sin_port)};
}

std::optional<http_answer> get(const endpoint& where, std::string_view path) {
  const socket_handle to;
  const timeval patience{2, 0};
  ::setsockopt(to.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(to.number(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const auto address = address_of(where);
  if (::connect(to.number(), as_sockaddr(address), sizeof address) != 0) return std::nullopt;
  if (!send_all(to.number(), "GET " + std::string(path) + " HTTP/1.0\r\nHost: " + where.text() + "\r\n\r\n"))
    return std::nullopt;
  return parse_http(receive_all(to.number()));
}

std::optional<http_answer> parse_http(std::string_view received) {
  constexpr std::string_view gap = "\r\n\r\n";
  if (!received.starts_with("HTTP/1.")) return std::nullopt;
  const auto space = received.find(' ');
  const auto head_end = received.find(gap);
  if (space == std::string_view::npos || head_end == std::string_view::npos) return std::nullopt;
  http_answer answer;
  if (!parse(received.substr(space + 1, 3), answer.status)) return std::nullopt;
  answer.body = received.substr(head_end + gap.size());
  return answer;
}

}  // namespace scanhost::demo
