// SPDX-License-Identifier: Apache-2.0
//
// Bytes that can be read at any offset, with every bound checked: an open file, or memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace scanhost::plugin {

class byte_source {
 public:
  virtual ~byte_source() = default;
  virtual std::uint64_t size() const noexcept = 0;

  // Fills all of `buffer` from `offset`. False: not all of those bytes exist.
  virtual bool read(std::uint64_t offset, std::span<std::byte> buffer) const noexcept = 0;
};

class memory_source final : public byte_source {
 public:
  explicit memory_source(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}
  std::uint64_t size() const noexcept override { return bytes_.size(); }
  bool read(std::uint64_t offset, std::span<std::byte> buffer) const noexcept override;

 private:
  std::span<const std::byte> bytes_;
};

// The size is that at construction: a later change of it is not followed.
class file_source final : public byte_source {
 public:
  explicit file_source(int fd) noexcept;  // still owned by the caller
  std::uint64_t size() const noexcept override { return size_; }
  bool read(std::uint64_t offset, std::span<std::byte> buffer) const noexcept override;

 private:
  int fd_;
  std::uint64_t size_ = 0;
};

}  // namespace scanhost::plugin
