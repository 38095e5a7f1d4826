// SPDX-License-Identifier: Apache-2.0
#include "store/protocol/script.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <span>
#include <stdexcept>

namespace scanhost::store {

std::unique_ptr<scanhost_script> make_script(std::string_view source) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(source.data(), source.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1)
    throw std::runtime_error("OpenSSL offers no SHA-1, which the server names scripts by");
  auto script = std::make_unique<scanhost_script>();
  script->source = source;
  for (const auto byte : std::span(digest).first(size)) script->sha1 += fmt::format("{:02x}", byte);
  return script;
}

}  // namespace scanhost::store
