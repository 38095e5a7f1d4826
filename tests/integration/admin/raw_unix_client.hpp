// SPDX-License-Identifier: Apache-2.0
//
// A client of a Unix socket that sends any bytes and reads what comes back, with a deadline.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace scanhost::admin {

class raw_unix_client {
 public:
  explicit raw_unix_client(const std::filesystem::path& socket);

  // False when the other side no longer takes it.
  bool send(std::string_view bytes);
  // Nothing more will be sent.
  void finish();
  void close() { fd_.reset(); }

  // Everything up to the end of the connection; without an end within 30 s, "(no end)" is added.
  std::string read_all();

 private:
  base::unique_fd fd_;
};

}  // namespace scanhost::admin
