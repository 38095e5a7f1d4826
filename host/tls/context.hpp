// SPDX-License-Identifier: Apache-2.0
//
// What all connections with the same settings share: the trusted authorities, the client's certificate and
// key, the protocol versions. Made from the files as they are at that moment, and never changed afterwards,
// so that several threads may use it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tls/pem_files.hpp"
#include "tls/settings.hpp"

struct ssl_ctx_st;

namespace scanhost::tls {

class context {
 public:
  // Reads and checks all files.
  static file_result<std::shared_ptr<const context>> make(const settings& settings);

  ssl_ctx_st* native() const noexcept { return handle_.get(); }

  // Of the contents of all files that the settings name, so that a change of any can be seen: 64 hexadecimal
  // digits. Not to be shown, since it is also made from the key.
  const std::string& fingerprint() const noexcept { return fingerprint_; }

  // What is allowed but may be a mistake: a key that everybody may read, an expired client certificate.
  const std::vector<file_problem>& warnings() const noexcept { return warnings_; }

  bool has_client_certificate() const noexcept { return has_client_certificate_; }
  bool checks_server() const noexcept { return checks_server_; }

 private:
  class builder;
  context() = default;

  struct free_handle {
    void operator()(ssl_ctx_st* handle) const noexcept;
  };

  std::unique_ptr<ssl_ctx_st, free_handle> handle_;
  std::string fingerprint_;
  std::vector<file_problem> warnings_;
  bool has_client_certificate_ = false;
  bool checks_server_ = true;
};

}  // namespace scanhost::tls
