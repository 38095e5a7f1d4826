// SPDX-License-Identifier: Apache-2.0
#include "tls/pem.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <new>

namespace scanhost::tls {
namespace {

struct free_bio {
  void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};
using text_source = std::unique_ptr<BIO, free_bio>;

text_source source_of(std::string_view text) {
  text_source source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!source) throw std::bad_alloc();
  return source;
}

// Without it OpenSSL would ask at the terminal.
int refuse_passphrase(char*, int, int, void* asked) {
  if (asked != nullptr) *static_cast<bool*>(asked) = true;
  return -1;
}

bool at_end_of_text() {
  const auto problem = ERR_peek_last_error();
  return ERR_GET_LIB(problem) == ERR_LIB_PEM && ERR_GET_REASON(problem) == PEM_R_NO_START_LINE;
}

std::string date_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown date";
  std::string text(32, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts));
  return text;
}

}  // namespace

void free_certificate::operator()(x509_st* certificate) const noexcept { X509_free(certificate); }
void free_key::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }

pem_result<std::vector<certificate>> parse_certificates(std::string_view text) {
  ERR_clear_error();
  const auto source = source_of(text);
  std::vector<certificate> found;
  while (certificate next{PEM_read_bio_X509(source.get(), nullptr, &refuse_passphrase, nullptr)})
    found.push_back(std::move(next));
  if (!at_end_of_text())
    return fmt::format("certificate {} cannot be read ({}); is the file complete?", found.size() + 1,
                       take_library_error());
  ERR_clear_error();
  return found;
}

pem_result<private_key> parse_key(std::string_view text) {
  ERR_clear_error();
  const auto source = source_of(text);
  bool encrypted = false;
  private_key key(PEM_read_bio_PrivateKey(source.get(), nullptr, &refuse_passphrase, &encrypted));
  if (key) return key;
  const auto problem = take_library_error();
  if (encrypted)
    return std::string(
        "the private key is encrypted, and scanhost does not ask for a passphrase; store it unencrypted (openssl pkey -in FILE -out FILE2), readable only by the user that scanhost runs as");
  if (text.find("PRIVATE KEY-----") == std::string_view::npos)
    return std::string("there is no private key in PEM form (-----BEGIN PRIVATE KEY-----) in it");
  return fmt::format("the private key cannot be read ({}); is the file complete?", problem);
}

std::string end_of(const x509_st& certificate) { return date_text(X509_get0_notAfter(&certificate)); }
std::string begin_of(const x509_st& certificate) { return date_text(X509_get0_notBefore(&certificate)); }

bool has_expired(const x509_st& certificate) {
  return X509_cmp_current_time(X509_get0_notAfter(&certificate)) < 0;
}

std::string take_library_error() {
  const auto problem = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = problem == 0 ? nullptr : ERR_reason_error_string(problem);
  return reason == nullptr ? "no reason is known" : reason;
}

}  // namespace scanhost::tls
