// SPDX-License-Identifier: Apache-2.0
#include "tls/explain.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "tls/pem.hpp"

namespace scanhost::tls {
namespace {

constexpr int max_names = 8;  // in a message

// Printable ASCII: the names come from the other side.
std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) result += c > ' ' && c <= '~' ? c : '?';
  return result;
}

std::string text_of(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> output(BIO_new(BIO_s_mem()), &BIO_free_all);
  if (!output || name == nullptr || X509_NAME_print_ex(output.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  char* text = nullptr;
  const auto size = BIO_get_mem_data(output.get(), &text);
  return size <= 0 ? "(no name)" : std::string(text, static_cast<std::size_t>(size));
}

std::string text_of(const GENERAL_NAME& name) {
  if (name.type == GEN_DNS) {
    const auto* text = ASN1_STRING_get0_data(name.d.dNSName);
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(name.d.dNSName));
    return printable({reinterpret_cast<const char*>(text), size});
  }
  if (name.type != GEN_IPADD) return {};
  const int size = ASN1_STRING_length(name.d.iPAddress);
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = size == 4 ? AF_INET : AF_INET6;
  if (size != 4 && size != 16) return {};
  ::inet_ntop(family, ASN1_STRING_get0_data(name.d.iPAddress), text.data(), text.size());
  return text.data();
}

std::string names_of(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  std::string text;
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int i = 0; i < count && i < max_names; ++i) {
    const auto name = text_of(*sk_GENERAL_NAME_value(names.get(), i));
    if (!name.empty()) text += (text.empty() ? "" : ", ") + name;
  }
  if (count > max_names) text += ", ...";
  return text;
}

std::string holder_of(const refused_certificate& refused) {
  return refused.is_the_servers ? "the server's certificate"
                                : fmt::format("the certificate of the authority {}", refused.subject);
}

// What the server said of the client's certificate; empty: the alert is about something else.
std::string_view objection_of(int reason) {
  switch (reason) {
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      return "it does not trust the authority that issued it";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      return "it has expired";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
      return "it was revoked";
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
      return "it is not acceptable";
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
      return "its holder has no access";
    default:
      return {};
  }
}

bool is_about_versions(int reason) {
  return reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION || reason == SSL_R_UNSUPPORTED_PROTOCOL ||
         reason == SSL_R_WRONG_SSL_VERSION || reason == SSL_R_WRONG_VERSION_NUMBER ||
         reason == SSL_R_VERSION_TOO_LOW;
}

constexpr std::string_view certificate_missing =
    "the server wants a client certificate; set store.tls.cert_file and store.tls.key_file";

}  // namespace

refused_certificate describe_refused(x509_store_ctx_st& checked) {
  refused_certificate refused;
  refused.reason = X509_STORE_CTX_get_error(&checked);
  refused.is_the_servers = X509_STORE_CTX_get_error_depth(&checked) == 0;
  const X509* certificate = X509_STORE_CTX_get_current_cert(&checked);
  if (certificate == nullptr) return refused;
  refused.subject = text_of(X509_get_subject_name(certificate));
  refused.issuer = text_of(X509_get_issuer_name(certificate));
  refused.names = names_of(certificate);
  refused.begins = begin_of(*certificate);
  refused.ends = end_of(*certificate);
  return refused;
}

std::string explain(const refused_certificate& refused, std::string_view name) {
  switch (refused.reason) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return fmt::format(
          "the server's certificate was issued by {}, which is not trusted here; set store.tls.ca_file to the certificate of that authority",
          refused.issuer);
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return fmt::format(
          "{} was not signed with the key of the authority {} that is trusted here; if the authority has a new key, set store.tls.ca_file to its new certificate",
          holder_of(refused), refused.issuer);
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fmt::format("{} expired on {}; renew it, or correct the clock of this machine",
                         holder_of(refused), refused.ends);
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format("{} is not valid before {}; correct the clock of this machine, or the certificate",
                         holder_of(refused), refused.begins);
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format(
          "the server's certificate is for {}, not for {}; correct the host in store.url, or set store.tls.server_name to a name of the certificate",
          refused.names.empty() ? refused.subject : refused.names, name);
    default:
      return fmt::format("{} is refused: {}", holder_of(refused),
                         X509_verify_cert_error_string(refused.reason));
  }
}

std::string explain(unsigned long library_error, const handshake_facts& facts) {
  const int reason = ERR_GET_REASON(library_error);
  const bool none_shown = facts.certificate_requested && !facts.has_certificate;
  if (reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED ||
      (reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE && none_shown))
    return std::string(certificate_missing);
  if (is_about_versions(reason))
    return fmt::format(
        "the server offers no version of TLS that is allowed here (at least {}); lower store.tls.min_version, or enable a newer version on the server",
        facts.min_version == version::v1_3 ? "1.3" : "1.2");
  if (const auto objection = objection_of(reason); !objection.empty())
    return fmt::format("the server refused the client certificate in store.tls.cert_file: {}", objection);
  if (reason == SSL_R_TLSV1_UNRECOGNIZED_NAME)
    return "the server has no certificate for the name that it was asked for; correct store.tls.server_name";
  const char* text = ERR_reason_error_string(library_error);
  return fmt::format("TLS failed: {}", text == nullptr ? "no reason is known" : text);
}

std::string explain_close(bool complete, const handshake_facts& facts) {
  if (facts.certificate_requested && facts.has_certificate)
    return "the server closed the connection after it had asked for a client certificate; does it trust the one in store.tls.cert_file?";
  if (facts.certificate_requested)
    return "the server closed the connection; if it wants a client certificate, set store.tls.cert_file and store.tls.key_file";
  if (complete) return "the server closed the connection";
  return fmt::format(
      "the server closed the connection during the TLS handshake; if it does not speak TLS, {}",
      advise_plain());
}

// A record of the type alert or handshake, of any version.
bool starts_like_tls(std::string_view bytes) noexcept {
  return !bytes.empty() && (bytes[0] == '\x15' || bytes[0] == '\x16') &&
         (bytes.size() == 1 || bytes[1] == '\x03');
}

std::string_view advise_plain() noexcept {
  return "use valkey:// or redis:// in store.url, or the server's TLS port";
}

std::string_view advise_tls() noexcept {
  return "use valkeys:// or rediss:// in store.url, or the server's port without TLS";
}

}  // namespace scanhost::tls
