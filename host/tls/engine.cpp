// SPDX-License-Identifier: Apache-2.0
#include "tls/engine.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <new>
#include <utility>

namespace scanhost::tls {
namespace {

void require(bool done) {
  if (!done) throw std::bad_alloc();
}

// Keeps what is known of a certificate that OpenSSL refuses, since it forgets it.
int note_refused(int accepted, X509_STORE_CTX* checked) {
  if (accepted == 1) return accepted;
  auto* handle = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(checked, SSL_get_ex_data_X509_STORE_CTX_idx()));
  *static_cast<refused_certificate*>(SSL_get_app_data(handle)) = describe_refused(*checked);
  return accepted;
}

// Called when the server asks for a client certificate.
int note_request(SSL*, void* requested) {
  *static_cast<bool*>(requested) = true;
  return 1;
}

// A name as it stands in certificates: without the zone of an IPv6 address or the dot of an absolute name.
std::string bare_name(std::string_view name) {
  name = name.substr(0, name.find('%'));
  if (name.ends_with('.')) name.remove_suffix(1);
  return std::string(name);
}

}  // namespace

void engine::free_handle::operator()(ssl_st* handle) const noexcept { SSL_free(handle); }

engine::engine(std::shared_ptr<const context> context, std::string_view name)
    : context_(std::move(context)), name_(bare_name(name)), handle_(SSL_new(context_->native())) {
  require(handle_ != nullptr);
  facts_.has_certificate = context_->has_client_certificate();
  facts_.min_version =
      SSL_get_min_proto_version(handle_.get()) == TLS1_3_VERSION ? version::v1_3 : version::v1_2;
  SSL_set_app_data(handle_.get(), &refused_);
  SSL_set_cert_cb(handle_.get(), &note_request, &facts_.certificate_requested);
  if (context_->checks_server()) SSL_set_verify(handle_.get(), SSL_VERIFY_PEER, &note_refused);
  check_name(name_);
  arrived_ = BIO_new(BIO_s_mem());
  departing_ = BIO_new(BIO_s_mem());
  require(arrived_ != nullptr && departing_ != nullptr);
  SSL_set_bio(handle_.get(), arrived_, departing_);
  SSL_set_connect_state(handle_.get());
}

engine::~engine() = default;

// A literal address is checked as such, and never sent: SNI has names only (RFC 6066, section 3).
void engine::check_name(const std::string& name) {
  auto* rules = SSL_get0_param(handle_.get());
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1) return;
  ERR_clear_error();
  require(X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size()) == 1);
  require(SSL_set_tlsext_host_name(handle_.get(), name.c_str()) == 1);
}

void engine::start() { continue_handshake(); }

void engine::receive(std::string_view bytes) {
  if (!std::exchange(begun_, true) && !starts_like_tls(bytes)) {
    problem_ = fmt::format("the server does not speak TLS on this port; {}", advise_plain());
    return;
  }
  require(BIO_write(arrived_, bytes.data(), static_cast<int>(bytes.size())) ==
          static_cast<int>(bytes.size()));
  if (!open_) continue_handshake();
}

void engine::continue_handshake() {
  if (!problem_.empty()) return;
  ERR_clear_error();
  const int result = SSL_do_handshake(handle_.get());
  open_ = result == 1;
  if (!open_) note_failure(result);
}

std::string_view engine::read() {
  if (!is_open()) return {};
  ERR_clear_error();
  const int size = SSL_read(handle_.get(), text_.data(), static_cast<int>(text_.size()));
  if (size > 0) {
    heard_ = true;
    return {text_.data(), static_cast<std::size_t>(size)};
  }
  note_failure(size);
  return {};
}

bool engine::send(std::string_view text) {
  if (!is_open()) return false;
  ERR_clear_error();
  const int size = static_cast<int>(text.size());
  const int result = SSL_write(handle_.get(), text.data(), size);
  if (result == size) return true;
  note_failure(result);
  return false;
}

std::string_view engine::output() const noexcept {
  char* text = nullptr;
  const auto size = BIO_get_mem_data(departing_, &text);
  return size <= 0 ? std::string_view() : std::string_view(text, static_cast<std::size_t>(size));
}

void engine::consume(std::size_t written) {
  std::array<char, 4096> dropped;
  while (written > 0) {
    const auto part = std::min(written, dropped.size());
    if (BIO_read(departing_, dropped.data(), static_cast<int>(part)) <= 0) return;
    written -= part;
  }
}

std::string engine::take_output() {
  std::string bytes(BIO_ctrl_pending(departing_), '\0');
  if (!bytes.empty()) BIO_read(departing_, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

bool engine::awaits_verdict() const noexcept {
  return facts_.certificate_requested && !heard_ && SSL_version(handle_.get()) == TLS1_3_VERSION;
}

void engine::close() {
  ERR_clear_error();
  if (is_open()) SSL_shutdown(handle_.get());
}

void engine::note_failure(int result) {
  switch (SSL_get_error(handle_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return;
    case SSL_ERROR_ZERO_RETURN:
      problem_ = explain_close();
      return;
    default:
      // The first error is the cause; those after it only tell who passed it on.
      problem_ = refused_.reason != 0 ? explain(refused_, name_) : explain(ERR_peek_error(), facts_);
      ERR_clear_error();
  }
}

std::string engine::explain_close() const {
  return heard_ ? "the server closed the connection" : tls::explain_close(open_, facts_);
}

}  // namespace scanhost::tls
