// SPDX-License-Identifier: Apache-2.0
//
// Why a secured connection failed, in words for the operator: what is wrong, and what to do. Pure, apart from
// the clock of the machine.
#pragma once

#include <string>
#include <string_view>

#include "tls/settings.hpp"

struct x509_store_ctx_st;

namespace scanhost::tls {

// A certificate of the server that was refused, as far as it matters for a message.
struct refused_certificate {
  int reason = 0;              // X509_V_ERR_*; 0: none was refused
  bool is_the_servers = true;  // and not that of an authority above it
  std::string subject;
  std::string issuer;
  std::string names;  // that it is valid for, joined by commas
  std::string begins;
  std::string ends;
};

// To be called from the callback that OpenSSL calls for a certificate that it refuses.
refused_certificate describe_refused(x509_store_ctx_st& checked);

// `name`: the one that the certificate should have had.
std::string explain(const refused_certificate& refused, std::string_view name);

// What a connection knows about its handshake.
struct handshake_facts {
  version min_version = version::v1_2;
  bool certificate_requested = false;  // by the server
  bool has_certificate = false;        // of its own, to show to the server
};

// An error of OpenSSL, such as an alert that the server sent.
std::string explain(unsigned long library_error, const handshake_facts& facts);

// The server closed the connection before it sent anything of use; `complete`: after the handshake.
std::string explain_close(bool complete, const handshake_facts& facts);

// Whether the first bytes from a server are those of TLS.
bool starts_like_tls(std::string_view bytes) noexcept;

// For a server that speaks no TLS though it should, or the other way round.
std::string_view advise_plain() noexcept;
std::string_view advise_tls() noexcept;

}  // namespace scanhost::tls
