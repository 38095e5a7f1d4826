// SPDX-License-Identifier: Apache-2.0
#include "tls/pem_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/environment.hpp"
#include "base/errno_text.hpp"
#include "base/unique_fd.hpp"

namespace scanhost::tls {
namespace {

namespace fs = std::filesystem;

constexpr off_t max_file_size = off_t{4} << 20;

// Where OpenSSL looks for the authorities of the system.
fs::path system_path(const char* variable, const char* otherwise) {
  return base::process_environment(variable).value_or(otherwise);
}

std::vector<fs::path> files_of(const settings& settings) {
  std::vector<fs::path> files;
  const bool system = settings.ca_file.empty() && settings.ca_dir.empty() && !settings.insecure;
  if (system)
    files = {system_path(X509_get_default_cert_file_env(), X509_get_default_cert_file()),
             system_path(X509_get_default_cert_dir_env(), X509_get_default_cert_dir())};
  for (const auto& path : {settings.ca_file, settings.ca_dir, settings.cert_file, settings.key_file})
    if (!path.empty()) files.push_back(path);
  if (settings.ca_dir.empty()) return files;
  for (auto& file : files_in(settings.ca_dir)) files.push_back(std::move(file));
  return files;
}

file_problem unusable(const char* key, std::string message) { return {key, std::move(message)}; }

file_problem unreadable(const char* key, const fs::path& file) {
  return unusable(key, fmt::format("cannot read {}: {}", file.string(), base::errno_text(errno)));
}

file_result<std::string> read_all(const char* key, const fs::path& file, int fd, std::size_t size) {
  std::string text(size, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const auto count = ::read(fd, text.data() + filled, text.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(key, file);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  text.resize(filled);
  return text;
}

}  // namespace

file_stamps take_stamps(const settings& settings) {
  file_stamps stamps;
  for (auto& file : files_of(settings)) {
    const auto identity = base::identify(file);
    stamps.emplace_back(std::move(file), identity);
  }
  return stamps;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code problem;
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    std::error_code ignored;
    const auto& path = entry->path();
    if (!path.filename().native().starts_with('.') && fs::is_regular_file(path, ignored))
      files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

file_result<std::string> read_pem(const char* key, const fs::path& file) {
  // Without O_NONBLOCK, opening a pipe could wait for ever.
  const base::unique_fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat state {};
  if (!fd || ::fstat(fd.get(), &state) != 0) return unreadable(key, file);
  if (!S_ISREG(state.st_mode)) return unusable(key, fmt::format("{} is not a regular file", file.string()));
  if ((state.st_mode & S_IWOTH) != 0)
    return unusable(key, fmt::format("everybody may write to {}; run chmod o-w on it", file.string()));
  if (state.st_size > max_file_size)
    return unusable(key, fmt::format("{} is longer than 4 MiB; is it the right file?", file.string()));
  return read_all(key, file, fd.get(), static_cast<std::size_t>(state.st_size));
}

bool is_readable_by_everybody(const fs::path& file) {
  struct stat state {};
  return ::stat(file.c_str(), &state) == 0 && (state.st_mode & S_IROTH) != 0;
}

}  // namespace scanhost::tls
