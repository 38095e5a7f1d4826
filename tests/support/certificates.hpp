// SPDX-License-Identifier: Apache-2.0
//
// Certificates for tests of TLS, made at run time.
#pragma once

#include <chrono>
#include <memory>
#include <string>

struct x509_st;
struct evp_pkey_st;

namespace scanhost::test_support {

// In PEM form.
struct key_pair {
  std::string certificate;
  std::string key;
};

struct certificate_options {
  std::string name = "localhost";                                  // the common name
  std::string alternatives = "DNS:localhost,IP:127.0.0.1,IP:::1";  // subjectAltName
  std::chrono::hours begins{-1};                                   // from now
  std::chrono::hours ends{24};
};

class authority {
 public:
  explicit authority(const std::string& name);
  ~authority();
  authority(const authority&) = delete;
  authority& operator=(const authority&) = delete;

  const std::string& certificate() const noexcept { return pem_; }
  key_pair issue(const certificate_options& options = {}) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
  std::string pem_;
};

// The key, encrypted with a passphrase.
std::string encrypt_key(const std::string& key, const std::string& passphrase);

}  // namespace scanhost::test_support
