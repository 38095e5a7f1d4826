// SPDX-License-Identifier: Apache-2.0
//
// A name server of a test: it answers what the test has put in, says that there is no other name, or is
// silent.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace scanhost::test_support {

class name_server {
 public:
  explicit name_server(boost::asio::io_context& context)
      : socket_(context, {boost::asio::ip::make_address("127.0.0.1"), 0}) {
    receive();
  }

  std::string place() const { return "127.0.0.1:" + std::to_string(socket_.local_endpoint().port()); }

  void add(const std::string& name, const std::string& address) {
    names_[name].push_back(boost::asio::ip::make_address(address));
  }

  bool silent = false;
  int questions = 0;  // that have come so far

 private:
  static constexpr std::size_t header_size = 12;

  void receive() {
    socket_.async_receive_from(boost::asio::buffer(input_), peer_,
                               [this](const auto& problem, std::size_t size) {
                                 if (problem) return;
                                 ++questions;
                                 if (!silent && size > header_size) answer(size);
                                 receive();
                               });
  }

  void answer(std::size_t size) {
    std::string name;
    std::size_t at = header_size;
    for (; at < size && input_[at] != 0; at += static_cast<std::size_t>(input_[at]) + 1)
      name += (name.empty() ? "" : ".") +
              std::string(input_.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                          input_.begin() + static_cast<std::ptrdiff_t>(at) + 1 + input_[at]);
    const bool v6 = input_[at + 2] == 28;
    const std::size_t end = at + 5;
    std::string reply(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(end));
    const auto found = names_.find(name);
    reply[2] = '\x81';
    reply[3] = found == names_.end() ? '\x83' : '\x80';
    int answers = 0;
    if (found != names_.end())
      for (const auto& address : found->second)
        if (address.is_v6() == v6) {
          reply += record(address);
          ++answers;
        }
    reply[7] = static_cast<char>(answers);
    reply[9] = reply[11] = 0;
    socket_.send_to(boost::asio::buffer(reply), peer_);
  }

  static std::string record(const boost::asio::ip::address& address) {
    const std::string head("\xc0\x0c\0", 3), middle("\0\1\0\0\0\0\0", 7);
    std::string data;
    if (address.is_v4())
      for (const auto byte : address.to_v4().to_bytes()) data += static_cast<char>(byte);
    else
      for (const auto byte : address.to_v6().to_bytes()) data += static_cast<char>(byte);
    return head + (address.is_v6() ? '\x1c' : '\x01') + middle + static_cast<char>(data.size()) + data;
  }

  boost::asio::ip::udp::socket socket_;
  boost::asio::ip::udp::endpoint peer_;
  std::array<char, 512> input_{};
  std::map<std::string, std::vector<boost::asio::ip::address>> names_;
};

}  // namespace scanhost::test_support
