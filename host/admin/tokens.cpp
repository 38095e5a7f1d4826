// SPDX-License-Identifier: Apache-2.0
#include "admin/tokens.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "base/log.hpp"

namespace scanhost::admin {
namespace {

constexpr std::string_view scheme = "Bearer ";

// Empty: there is none, or there are several, of which nobody can say which counts.
std::string_view token_in(const std::vector<std::string_view>& authorizations) {
  if (authorizations.size() != 1 || !authorizations.front().starts_with(scheme)) return {};
  return authorizations.front().substr(scheme.size());
}

// Takes as long whatever the first wrong byte is.
bool equal(const std::string& expected, std::string_view given) {
  return expected.size() == given.size() && CRYPTO_memcmp(expected.data(), given.data(), given.size()) == 0;
}

}  // namespace

tokens::tokens(const config::admin_settings& settings)
    : read_{{settings.read_token_file, settings.read_token, &config::token_from_file},
            "admin.read_token_file",
            {}},
      operator_{{settings.operator_token_file, settings.operator_token, &config::token_from_file},
                "admin.operator_token_file",
                {}} {}

role tokens::role_of(const std::vector<std::string_view>& authorizations) {
  const auto given = token_in(authorizations);
  if (operator_.file.exists() && matches(operator_, given)) return role::commander;
  if (read_.file.exists() && !matches(read_, given)) return role::stranger;
  return operator_.file.exists() ? role::reader : role::commander;
}

bool tokens::matches(token& expected, std::string_view given) {
  if (given.empty()) return false;
  refresh(expected);
  return equal(expected.file.value().reveal(), given);
}

void tokens::refresh(token& expected) {
  expected.file.refresh();
  if (expected.file.problem() == expected.problem) return;
  expected.problem = expected.file.problem();
  if (!expected.problem.empty())
    base::log(base::events::token_unreadable, {},
              fmt::format("{}: {}; the token that it had before counts", expected.key, expected.problem),
              {{"error", expected.problem}});
}

}  // namespace scanhost::admin
