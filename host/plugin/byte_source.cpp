// SPDX-License-Identifier: Apache-2.0
//
// Reading with every bound checked; a file is read with pread, so that its position does not count.
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

bool memory_source::read(std::uint64_t offset, std::span<std::byte> out) const noexcept {
  if (!inside(bytes_.size(), offset, out.size())) return false;
  if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  return true;
}

file_source::file_source(int fd) noexcept : fd_(fd) {
  struct stat status {};
  if (::fstat(fd, &status) == 0 && status.st_size > 0) size_ = static_cast<std::uint64_t>(status.st_size);
}

bool file_source::read(std::uint64_t offset, std::span<std::byte> out) const noexcept {
  if (!inside(size_, offset, out.size())) return false;
  while (!out.empty()) {
    const auto got = ::pread(fd_, out.data(), out.size(), static_cast<std::int64_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

}  // namespace scanhost::plugin
