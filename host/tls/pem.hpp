// SPDX-License-Identifier: Apache-2.0
//
// Certificates and private keys from texts in PEM form. Never asks for a passphrase, never repeats the text.
#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct x509_st;
struct evp_pkey_st;

namespace scanhost::tls {

struct free_certificate {
  void operator()(x509_st* certificate) const noexcept;
};
using certificate = std::unique_ptr<x509_st, free_certificate>;

struct free_key {
  void operator()(evp_pkey_st* key) const noexcept;
};
using private_key = std::unique_ptr<evp_pkey_st, free_key>;

// A value, or what is wrong with the text: "holds no certificate ...", to follow the name of its file.
template <class Value>
using pem_result = boost::system::result<Value, std::string>;

// All certificates of a text, which may have other things in between; none: an empty list.
pem_result<std::vector<certificate>> parse_certificates(std::string_view text);

// The first private key.
pem_result<private_key> parse_key(std::string_view text);

// The end of a certificate's validity, "2027-01-31 12:00:00 UTC", and its beginning.
std::string end_of(const x509_st& certificate);
std::string begin_of(const x509_st& certificate);
bool has_expired(const x509_st& certificate);

// What OpenSSL reported last on this thread, in words; its queue is empty afterwards.
std::string take_library_error();

}  // namespace scanhost::tls
