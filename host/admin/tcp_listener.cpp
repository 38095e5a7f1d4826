// SPDX-License-Identifier: Apache-2.0
#include "admin/tcp_listener.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace scanhost::admin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

const char* advice(const error_code& problem) {
  if (problem == asio::error::address_in_use)
    return "another program, perhaps another scanhost, uses it: give admin.listen another port, or none";
  if (problem == asio::error::access_denied)
    return "ports below 1024 need a privilege: give admin.listen a higher port";
  return "see admin.listen";
}

base::error cannot_listen(const std::string& address, std::uint16_t port, const error_code& problem) {
  return base::fail(base::errc::os, fmt::format("cannot listen on {}, port {}: {}; {}", address, port,
                                                problem.message(), advice(problem)));
}

}  // namespace

base::result<tcp_listener> tcp_listener::open(const std::string& address, std::uint16_t port) {
  error_code problem;
  const auto ip = asio::ip::make_address(address, problem);
  if (problem) return cannot_listen(address, port, problem);
  const tcp::endpoint endpoint(ip, port);
  asio::io_context unused;
  tcp::acceptor acceptor(unused);
  acceptor.open(endpoint.protocol(), problem);
  if (!problem) acceptor.set_option(tcp::acceptor::reuse_address(true), problem);
  if (!problem) acceptor.bind(endpoint, problem);
  if (!problem) acceptor.listen(asio::socket_base::max_listen_connections, problem);
  if (problem) return cannot_listen(address, port, problem);
  const auto bound = acceptor.local_endpoint(problem).port();
  base::unique_fd fd(acceptor.release(problem));
  if (problem) return cannot_listen(address, port, problem);
  return tcp_listener{std::move(fd), bound};
}

}  // namespace scanhost::admin
