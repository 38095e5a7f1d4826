// SPDX-License-Identifier: Apache-2.0
#include "plugin/staged_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/errno_text.hpp"
#include "base/file_identity.hpp"
#include "base/random_text.hpp"
#include "base/write_all.hpp"

namespace scanhost::plugin {
namespace {

using base::unique_fd;

constexpr std::size_t copy_step = std::size_t{64} * 1024;

class hash {
 public:
  hash() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    good_ = context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
  }
  void add(const char* bytes, std::size_t size) {
    good_ = good_ && EVP_DigestUpdate(context_.get(), bytes, size) == 1;
  }
  // Lower-case hexadecimal; empty when the library failed.
  std::string text() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (!good_ || EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1) return {};
    return base::to_hex({digest.data(), size});
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
  bool good_ = false;
};

load_error staging_error(const std::string& name, const std::string& problem, int number) {
  return {refusal::staging_failed, fmt::format("{}: {}: {}; free some space or check plugins.staging", name,
                                               problem, base::errno_text(number))};
}

// Copies the bytes. The hash is that of what was written, and of nothing else.
load_result<std::string> copy_bytes(int source, int target, const std::string& name) {
  const auto before = base::identify(source);
  std::vector<char> buffer(copy_step);
  hash sum;
  std::int64_t at = 0;
  for (;;) {
    const auto got = ::pread(source, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return load_error{refusal::unreadable,
                        fmt::format("{}: cannot be read: {}", name, base::errno_text(errno))};
    if (got == 0) break;
    sum.add(buffer.data(), static_cast<std::size_t>(got));
    if (!base::write_all(target, {buffer.data(), static_cast<std::size_t>(got)}))
      return staging_error(name, "cannot be copied to the staging folder", errno);
    at += got;
  }
  const auto after = base::identify(source);
  if (!before || !after || !after->same_content(*before) || at != before->size)
    return load_error{
        refusal::truncated,
        fmt::format(
            "{}: changed while it was copied; wait until it is complete, or write it under another name and rename it",
            name)};
  auto text = sum.text();
  if (text.empty())
    return load_error{refusal::staging_failed, fmt::format("{}: its SHA-256 cannot be computed", name)};
  return text;
}

std::filesystem::path fresh_path(const std::filesystem::path& folder, const std::string& stem) {
  static std::atomic<std::uint64_t> number{0};
  return folder / fmt::format("{}.{}-{}.so", stem, ++number, base::random_text());
}

unique_fd open_in_memory(const std::string& stem) {
  return unique_fd(::memfd_create(stem.c_str(), MFD_CLOEXEC));
}

unique_fd open_in_folder(const std::filesystem::path& path) {
  return unique_fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
}

}  // namespace

load_result<unique_fd> open_plugin_file(const std::filesystem::path& file) {
  // Without O_NONBLOCK a FIFO in a plugin folder would block the host for ever.
  unique_fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd && (errno == ENOENT || errno == ENOTDIR))
    return load_error{
        refusal::missing_file,
        fmt::format("{}: there is no such file; check plugins.path and the plugin's name", file.string())};
  if (!fd)
    return load_error{
        refusal::unreadable,
        fmt::format("{}: cannot be opened: {}; make it readable for the user that runs scanhost",
                    file.string(), base::errno_text(errno))};
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return load_error{refusal::unreadable,
                      fmt::format("{}: is not a regular file; name the plugin's .so itself", file.string())};
  if (static_cast<std::uint64_t>(status.st_size) > max_plugin_size)
    return load_error{
        refusal::unreadable,
        fmt::format("{}: is larger than 256 MiB; check that it is a plugin, or strip it", file.string())};
  return fd;
}

load_result<std::unique_ptr<staged_file>> staged_file::copy(int source, const std::filesystem::path& folder,
                                                            const std::string& stem,
                                                            const std::string& name) {
  const auto path = folder.empty() ? std::filesystem::path() : fresh_path(folder, stem);
  const auto problem = fmt::format("cannot be copied to {}", path.empty() ? "memory" : folder.string());
  auto target = path.empty() ? open_in_memory(stem) : open_in_folder(path);
  if (!target) return staging_error(name, problem, errno);
  auto staged = std::make_unique<staged_file>(std::move(target), path);
  auto sum = copy_bytes(source, staged->fd(), name);
  if (!sum) return sum.error();
  staged->sha256_ = std::move(*sum);
  // On disk before it is mapped: what a full disk would lose must be lost here, not under running code.
  if (!path.empty() && (::fsync(staged->fd()) != 0 || ::fchmod(staged->fd(), 0400) != 0))
    return staging_error(name, problem, errno);
  return staged;
}

staged_file::~staged_file() {
  std::error_code ignored;  // the folder may be gone already
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

}  // namespace scanhost::plugin
