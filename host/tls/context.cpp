// SPDX-License-Identifier: Apache-2.0
#include "tls/context.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <array>
#include <new>
#include <utility>

#include "tls/pem.hpp"

namespace scanhost::tls {
namespace {

file_problem problem_of(const char* key, const std::filesystem::path& file, std::string_view reason) {
  return {key, fmt::format("{}: {}", file.string(), reason)};
}

// The SHA-256 of texts and where each of them ends.
class digest {
 public:
  digest() : state_(EVP_MD_CTX_new()) {
    if (!state_ || EVP_DigestInit_ex(state_.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  }
  void add(std::string_view text) {
    const auto size = text.size();
    EVP_DigestUpdate(state_.get(), &size, sizeof size);
    EVP_DigestUpdate(state_.get(), text.data(), text.size());
  }
  std::string take() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(state_.get(), bytes.data(), &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
    return text;
  }

 private:
  struct free_state {
    void operator()(EVP_MD_CTX* state) const noexcept { EVP_MD_CTX_free(state); }
  };
  std::unique_ptr<EVP_MD_CTX, free_state> state_;
};

}  // namespace

void context::free_handle::operator()(ssl_ctx_st* handle) const noexcept { SSL_CTX_free(handle); }

class context::builder {
 public:
  explicit builder(const settings& settings) : settings_(settings) {
    ERR_clear_error();
    built_->handle_.reset(SSL_CTX_new(TLS_client_method()));
    if (!built_->handle_) throw std::bad_alloc();
  }

  file_result<std::shared_ptr<const context>> run() {
    set_protocol();
    if (auto trusted = trust(); !trusted) return trusted.error();
    if (auto identified = identify(); !identified) return identified.error();
    built_->fingerprint_ = digest_.take();
    return std::shared_ptr<const context>(std::move(built_));
  }

 private:
  SSL_CTX* handle() const noexcept { return built_->handle_.get(); }

  void set_protocol() {
    SSL_CTX_set_min_proto_version(handle(),
                                  settings_.min_version == version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(handle(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(handle(), SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(handle(), 1);
    SSL_CTX_set_session_cache_mode(handle(), SSL_SESS_CACHE_OFF);
    built_->checks_server_ = !settings_.insecure;
  }

  file_result<void> trust() {
    if (settings_.insecure) return {};
    // Whatever the operator lists is trusted, an intermediate authority too.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(handle()), X509_V_FLAG_PARTIAL_CHAIN);
    if (!settings_.ca_file.empty()) return trust_file();
    if (!settings_.ca_dir.empty()) return trust_folder();
    if (SSL_CTX_set_default_verify_paths(handle()) != 1)
      return file_problem{"ca_file", "cannot read the authorities of the system: " + take_library_error()};
    ERR_clear_error();
    return {};
  }

  file_result<void> trust_file() {
    const auto count = trust_certificates_in("ca_file", settings_.ca_file);
    if (!count) return count.error();
    if (*count > 0) return {};
    return problem_of("ca_file", settings_.ca_file,
                      "there is no certificate in PEM form (-----BEGIN CERTIFICATE-----) in it");
  }

  // OpenSSL's own way needs names that `openssl rehash` gives; here any will do.
  file_result<void> trust_folder() {
    std::error_code problem;
    if (!std::filesystem::is_directory(settings_.ca_dir, problem))
      return problem_of("ca_dir", settings_.ca_dir,
                        problem ? problem.message() : "it is not a folder; use ca_file for a single file");
    std::size_t total = 0;
    for (const auto& file : files_in(settings_.ca_dir)) {
      const auto count = trust_certificates_in("ca_dir", file);
      if (!count) return count.error();
      total += *count;
    }
    if (total > 0) return {};
    return problem_of("ca_dir", settings_.ca_dir, "none of its files has a certificate in PEM form");
  }

  file_result<std::size_t> trust_certificates_in(const char* key, const std::filesystem::path& file) {
    const auto text = read_pem(key, file);
    if (!text) return text.error();
    digest_.add(*text);
    const auto found = parse_certificates(*text);
    if (!found) return problem_of(key, file, found.error());
    for (const auto& authority : *found)
      if (X509_STORE_add_cert(SSL_CTX_get_cert_store(handle()), authority.get()) != 1)
        return problem_of(key, file, take_library_error());
    return found->size();
  }

  file_result<void> identify() {
    if (settings_.cert_file.empty()) return {};
    if (auto used = use_certificate(); !used) return used.error();
    if (auto used = use_key(); !used) return used.error();
    built_->has_client_certificate_ = true;
    return {};
  }

  file_result<void> use_certificate() {
    const auto& file = settings_.cert_file;
    const auto text = read_pem("cert_file", file);
    if (!text) return text.error();
    digest_.add(*text);
    const auto chain = parse_certificates(*text);
    if (!chain) return problem_of("cert_file", file, chain.error());
    if (chain->empty())
      return problem_of("cert_file", file,
                        "there is no certificate in PEM form (-----BEGIN CERTIFICATE-----) in it");
    auto* own = chain->front().get();
    if (SSL_CTX_use_certificate(handle(), own) != 1)
      return problem_of("cert_file", file,
                        fmt::format("the certificate cannot be used: {}", take_library_error()));
    for (std::size_t i = 1; i < chain->size(); ++i) SSL_CTX_add1_chain_cert(handle(), (*chain)[i].get());
    if (has_expired(*own))
      warn("cert_file", file, fmt::format("the client certificate expired on {}; renew it", end_of(*own)));
    return {};
  }

  file_result<void> use_key() {
    const auto& file = settings_.key_file;
    auto text = read_pem("key_file", file);
    if (!text) return text.error();
    digest_.add(*text);
    const auto key = parse_key(*text);
    OPENSSL_cleanse(text->data(), text->size());
    if (!key) return problem_of("key_file", file, key.error());
    if (SSL_CTX_use_PrivateKey(handle(), key->get()) != 1 || SSL_CTX_check_private_key(handle()) != 1) {
      ERR_clear_error();
      return problem_of("key_file", file,
                        fmt::format("the private key does not belong to the certificate in {}",
                                    settings_.cert_file.string()));
    }
    if (is_readable_by_everybody(file))
      warn("key_file", file, "everybody may read the private key; run chmod o-r on it");
    return {};
  }

  void warn(const char* key, const std::filesystem::path& file, std::string_view reason) {
    built_->warnings_.push_back(problem_of(key, file, reason));
  }

  const settings& settings_;
  std::unique_ptr<context> built_{new context};
  digest digest_;
};

file_result<std::shared_ptr<const context>> context::make(const settings& settings) {
  return builder(settings).run();
}

}  // namespace scanhost::tls
