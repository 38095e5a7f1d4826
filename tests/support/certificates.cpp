// SPDX-License-Identifier: Apache-2.0
#include "support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace scanhost::test_support {
namespace {

void check(bool done) {
  if (!done) throw std::runtime_error("a certificate for a test cannot be made");
}

template <class Write>
std::string pem_of(Write write) {
  const std::shared_ptr<BIO> output(BIO_new(BIO_s_mem()), &BIO_free_all);
  check(output && write(output.get()) == 1);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(output.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::shared_ptr<EVP_PKEY> make_key() {
  std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  check(key != nullptr);
  return key;
}

void extend(X509* certificate, X509* issuer, int name, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::shared_ptr<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, name, value.c_str()),
                                                  &X509_EXTENSION_free);
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

std::shared_ptr<X509> make_certificate(const certificate_options& options, EVP_PKEY* key) {
  std::shared_ptr<X509> certificate(X509_new(), &X509_free);
  std::uint32_t serial = 0;
  check(certificate && RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(options.name.c_str()), -1, -1, 0);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), std::chrono::seconds(options.begins).count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), std::chrono::seconds(options.ends).count());
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

}  // namespace

authority::authority(const std::string& name) : key_(make_key()) {
  certificate_ = make_certificate({name, {}, std::chrono::hours(-100), std::chrono::hours(100)}, key_.get());
  auto* own = certificate_.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
  extend(own, own, NID_subject_key_identifier, "hash");
  check(X509_sign(own, key_.get(), EVP_sha256()) > 0);
  pem_ = pem_of([&](BIO* output) { return PEM_write_bio_X509(output, own); });
}

authority::~authority() = default;

key_pair authority::issue(const certificate_options& options) const {
  const auto key = make_key();
  const auto certificate = make_certificate(options, key.get());
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate.get(), certificate_.get(), NID_authority_key_identifier, "keyid:always");
  if (!options.alternatives.empty())
    extend(certificate.get(), certificate_.get(), NID_subject_alt_name, options.alternatives);
  check(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  return {pem_of([&](BIO* output) { return PEM_write_bio_X509(output, certificate.get()); }),
          pem_of([&](BIO* output) {
            return PEM_write_bio_PrivateKey(output, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

std::string encrypt_key(const std::string& key, const std::string& passphrase) {
  const std::shared_ptr<BIO> input(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())), &BIO_free_all);
  const std::shared_ptr<EVP_PKEY> read(PEM_read_bio_PrivateKey(input.get(), nullptr, nullptr, nullptr),
                                       &EVP_PKEY_free);
  return pem_of([&](BIO* output) {
    return PEM_write_bio_PKCS8PrivateKey(output, read.get(), EVP_aes_256_cbc(), passphrase.data(),
                                         static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}

}  // namespace scanhost::test_support
