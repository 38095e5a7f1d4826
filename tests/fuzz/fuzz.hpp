// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz targets share. A target is one function that takes any bytes and ends the process where the
// code under test breaks its word; tests/fuzz/README.md says how to run it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace scanhost::fuzz {

// Ends the process unless the property holds.
inline void require(bool holds, std::string_view property, std::string_view detail = "") {
  if (holds) return;
  for (const auto text : {std::string_view("property violated: "), property, std::string_view("\n"), detail,
                          std::string_view("\n")})
    std::fwrite(text.data(), 1, text.size(), stderr);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Decisions and texts from the bytes of an input. Numbers are taken from its end, so that the text at its
// beginning stays readable. An input that is used up gives zeros and empty texts.
class input {
 public:
  input(const std::uint8_t* data, std::size_t size) : rest_(text_of(data, size)) {}

  bool empty() const noexcept { return rest_.empty(); }

  std::uint8_t byte() noexcept {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.back());
    rest_.remove_suffix(1);
    return value;
  }

  bool flag() noexcept { return (byte() & 1U) != 0; }

  std::uint64_t number(std::size_t bytes = 8) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8U | byte();
    return value;
  }

  // From 0 to `last`.
  std::size_t up_to(std::size_t last) noexcept {
    return static_cast<std::size_t>(number(last < 256 ? 1 : 3) % (last + 1));
  }

  // At most `size` bytes from the beginning.
  std::string_view text(std::size_t size) noexcept {
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  // Of a length that the input chooses.
  std::string_view any_text(std::size_t max_size = 64) noexcept { return text(up_to(max_size)); }

  std::string_view rest() noexcept { return text(rest_.size()); }

 private:
  std::string_view rest_;
};

// A sequence of numbers that a seed decides.
class sequence {
 public:
  explicit sequence(std::uint64_t seed) noexcept : state_(seed) {}

  std::size_t up_to(std::size_t last) noexcept {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>((state_ >> 33U) % (last + 1));
  }

 private:
  std::uint64_t state_;
};

}  // namespace scanhost::fuzz
