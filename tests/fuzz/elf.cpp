// SPDX-License-Identifier: Apache-2.0
//
// The ELF reader. Any file gives facts or a refusal; what is read of it, and what is kept, is bounded by its
// size.
#include "plugin/elf.hpp"

#include <cstring>

#include "fuzz.hpp"

namespace {

using namespace scanhost;
using fuzz::require;

// Counts what is read.
class counting_source final : public plugin::byte_source {
 public:
  explicit counting_source(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}
  std::uint64_t size() const noexcept override { return bytes_.size(); }
  bool read(std::uint64_t offset, std::span<std::byte> buffer) const noexcept override {
    if (offset > bytes_.size() || buffer.size() > bytes_.size() - offset) return false;
    if (!buffer.empty()) std::memcpy(buffer.data(), bytes_.data() + offset, buffer.size());
    read_ += buffer.size();
    return true;
  }
  std::uint64_t bytes_read() const noexcept { return read_; }

 private:
  std::span<const std::byte> bytes_;
  mutable std::uint64_t read_ = 0;
};

std::size_t size_of(const std::vector<std::string>& texts) {
  std::size_t size = 0;
  for (const auto& text : texts) size += text.size();
  return size;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const counting_source file(std::as_bytes(std::span(data, size)));
  const auto facts = plugin::read_elf(file, "plugin.so");
  require(file.bytes_read() <= 1024 + 8 * size, "a file is read a fixed number of times at most");
  if (!facts) {
    require(facts.error().message.starts_with("plugin.so: "), "a refusal names the file",
            facts.error().message);
    return 0;
  }
  const auto kept = size_of(facts->gnu_unique) + size_of(facts->needed) + facts->origin_path.size();
  require(kept <= 1024 + 16 * size, "what is kept of a file is not much more than the file");
  const plugin::elf_rules strict{}, lenient{{"libz.so.1"}, true};
  for (const auto& rules : {strict, lenient})
    if (const auto refused = plugin::check_elf(*facts, rules, "plugin.so"))
      require(refused->message.size() <= 4096 && refused->message.starts_with("plugin.so: "),
              "a refusal is a short message that names the file", refused->message);
  return 0;
}
