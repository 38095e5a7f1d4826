// SPDX-License-Identifier: Apache-2.0
#include "plugin/byte_source.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace scanhost::plugin {
namespace {

bool inside(std::uint64_t size, std::uint64_t offset, std::size_t count) noexcept {
  return offset <= size && count <= size - offset;
}

}  // namespace

bool memory_source::read(std::uint64_t offset, std::span<std::byte> buffer) const noexcept {
  if (!inside(bytes_.size(), offset, buffer.size())) return false;
  if (!buffer.empty()) std::memcpy(buffer.data(), bytes_.data() + offset, buffer.size());
  return true;
}

file_source::file_source(int fd) noexcept : fd_(fd) {
  struct stat status {};
  if (::fstat(fd, &status) == 0 && status.st_size > 0) size_ = static_cast<std::uint64_t>(status.st_size);
}

bool file_source::read(std::uint64_t offset, std::span<std::byte> buffer) const noexcept {
  if (!inside(size_, offset, buffer.size())) return false;
  while (!buffer.empty()) {
    const auto got = ::pread(fd_, buffer.data(), buffer.size(), static_cast<std::int64_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    buffer = buffer.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

}  // namespace scanhost::plugin
