// SPDX-License-Identifier: Apache-2.0
#include "config/secret_source.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <fstream>
#include <iterator>

#include "base/environment.hpp"
#include "base/errno_text.hpp"
#include "config/quantity.hpp"

namespace scanhost::config {
namespace {

constexpr std::int64_t max_secret_size = 64 * 1024;

std::string stripped(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

bool variable_name(const std::string& name) {
  constexpr auto allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  return !name.empty() && name.find_first_not_of(allowed) == std::string::npos &&
         (name[0] < '0' || name[0] > '9');
}

}  // namespace

boost::system::result<read_secret, fault> secret_from_file(const std::filesystem::path& file) {
  const auto name = in_quotes(file.string());
  struct stat state {};
  if (::stat(file.c_str(), &state) != 0) return fault{"cannot read " + name + ": " + base::errno_text(errno)};
  // Opening something else, a pipe for one, could wait for ever.
  if (!S_ISREG(state.st_mode)) return fault{name + " is not a regular file"};
  if ((state.st_mode & S_IWOTH) != 0)
    return fault{"everybody may write to " + name + "; run chmod o-w on it"};
  if (state.st_size > max_secret_size) return fault{name + " is longer than 64 KiB, which is no password"};
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fault{"cannot read " + name + ": " + base::errno_text(errno)};
  auto text = stripped(std::string(std::istreambuf_iterator<char>(stream), {}));
  if (stream.bad()) return fault{"cannot read " + name + ": " + base::errno_text(errno)};
  if (text.empty()) return fault{name + " is empty"};
  read_secret secret{base::secret(std::move(text)), {}};
  if ((state.st_mode & S_IROTH) != 0) secret.warning = "everybody may read " + name + "; run chmod o-r on it";
  return secret;
}

boost::system::result<read_secret, fault> secret_from_environment(const std::string& variable) {
  if (!variable_name(variable))
    return fault{"it takes the name of an environment variable, and this is none"};
  const auto value = base::process_environment(variable.c_str());
  if (!value) return fault{"the environment has no variable " + in_quotes(variable)};
  if (value->empty()) return fault{"the environment variable " + in_quotes(variable) + " is empty"};
  return read_secret{base::secret(*value), {}};
}

}  // namespace scanhost::config
