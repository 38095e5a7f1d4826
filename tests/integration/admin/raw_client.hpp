// SPDX-License-Identifier: Apache-2.0
//
// A client that sends any bytes and reads what comes back, on a blocking socket with a deadline.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace scanhost::admin {

class raw_client {
 public:
  explicit raw_client(std::uint16_t port);  // of 127.0.0.1
  explicit raw_client(const std::filesystem::path& unix_socket);

  // False when the other side no longer takes it.
  bool send(std::string_view bytes);
  // Nothing more will be sent.
  void finish();
  void close() { fd_.reset(); }

  // Everything up to the end of the connection; without an end within 30 s, "(no end)" is added.
  std::string read_all();
  // Up to and with `end`, or what there is when the connection ends before.
  std::string read_until(std::string_view end);

 private:
  void connect(const void* address, std::size_t size);
  bool read_some();

  base::unique_fd fd_;
  std::string arrived_;
  bool timed_out_ = false;
};

// One request on a connection of its own, with `Connection: close`.
std::string ask(std::uint16_t port, const std::string& method, const std::string& target);

}  // namespace scanhost::admin
