// SPDX-License-Identifier: Apache-2.0
//
// How a connection is secured: the keys of `store.tls` as plain values.
#pragma once

#include <filesystem>
#include <string>

namespace scanhost::tls {

enum class version { v1_2, v1_3 };

struct settings {
  // The authorities whose certificates are trusted: at most one of these. Neither: those of the system.
  std::filesystem::path ca_file;
  std::filesystem::path ca_dir;
  // The client's certificate, with its chain, and its key: both or none.
  std::filesystem::path cert_file;
  std::filesystem::path key_file;
  // The name that the server is asked for and that its certificate must have; empty: the host of the URL.
  std::string server_name;
  version min_version = version::v1_2;
  bool insecure = false;  // do not check the server's certificate

  bool operator==(const settings&) const = default;
};

}  // namespace scanhost::tls
