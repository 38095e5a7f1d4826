// SPDX-License-Identifier: Apache-2.0
#include "config/secret_source.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string_view>

#include "base/environment.hpp"
#include "base/errno_text.hpp"
#include "config/quantity.hpp"

namespace scanhost::config {
namespace {

constexpr std::int64_t max_secret_size = std::int64_t{64} * 1024;
constexpr std::size_t min_token_size = 16;

std::string stripped(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

// What is probably not meant to belong to the secret, although it does; empty: nothing.
std::string oddity_of(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  constexpr std::string_view white = " \t\r\n";
  if (text.starts_with(byte_order_mark)) return "begins with a byte order mark";
  if (white.find(text.front()) != std::string_view::npos) return "begins with white space";
  if (text.ends_with('\n')) return "ends with more than one line break";
  if (white.find(text.back()) != std::string_view::npos) return "ends with white space";
  return {};
}

base::error unusable(std::string message) { return base::fail(base::errc::config, std::move(message)); }

bool variable_name(const std::string& name) {
  constexpr auto allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  return !name.empty() && name.find_first_not_of(allowed) == std::string::npos &&
         (name[0] < '0' || name[0] > '9');
}

}  // namespace

base::result<read_secret> secret_from_file(const std::filesystem::path& file) {
  const auto name = in_quotes(file.string());
  struct stat state {};
  if (::stat(file.c_str(), &state) != 0)
    return unusable(fmt::format("cannot read {}: {}", name, base::errno_text(errno)));
  // Opening anything else, such as a pipe, could block for ever.
  if (!S_ISREG(state.st_mode)) return unusable(fmt::format("{} is not a regular file", name));
  if ((state.st_mode & S_IWOTH) != 0)
    return unusable(fmt::format("everybody may write to {}; run chmod o-w on it", name));
  if (state.st_size > max_secret_size)
    return unusable(fmt::format("{} is longer than 64 KiB; is it the right file?", name));
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return unusable(fmt::format("cannot read {}: {}", name, base::errno_text(errno)));
  auto text = stripped(std::string(std::istreambuf_iterator<char>(stream), {}));
  if (stream.bad()) return unusable(fmt::format("cannot read {}: {}", name, base::errno_text(errno)));
  if (text.empty()) return unusable(fmt::format("{} is empty", name));
  const auto oddity = oddity_of(text);
  read_secret secret{base::secret(std::move(text)), {}};
  if ((state.st_mode & S_IROTH) != 0)
    secret.warning = fmt::format("everybody may read {}; run chmod o-r on it", name);
  if (!oddity.empty())
    secret.warning += fmt::format("{}{} {}, which is taken as part of the secret; remove it if it is not",
                                  secret.warning.empty() ? "" : "; ", name, oddity);
  return secret;
}

base::result<read_secret> token_from_file(const std::filesystem::path& file) {
  auto token = secret_from_file(file);
  if (!token) return token;
  const auto& text = token->value.reveal();
  const auto name = in_quotes(file.string());
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; }))
    return unusable(fmt::format("{} must hold one word of visible ASCII characters", name));
  if (text.size() < min_token_size)
    return unusable(
        fmt::format("the token in {} is shorter than {} characters; make one with openssl rand -hex 32", name,
                    min_token_size));
  return token;
}

base::result<read_secret> secret_from_environment(const std::string& variable) {
  if (!variable_name(variable))
    return unusable("expected the name of an environment variable (letters, digits and '_', no digit first)");
  const auto value = base::process_environment(variable.c_str());
  if (!value) return unusable(fmt::format("the environment variable {} is not set", in_quotes(variable)));
  if (value->empty())
    return unusable(fmt::format("the environment variable {} is empty", in_quotes(variable)));
  return read_secret{base::secret(*value), {}};
}

std::string advise_on_secret(const std::string& name) {
  return fmt::format("secrets do not belong in this file; use {0}_file or {0}_env", name);
}

}  // namespace scanhost::config
