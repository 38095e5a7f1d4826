// SPDX-License-Identifier: Apache-2.0
//
// An ELF64 file as tables, whatever its bytes are. It is read as the dynamic loader would, but nothing is
// trusted: every offset and count is checked against the size of the file before it is used, and nothing is
// mapped. plugin/elf.hpp says what the tables mean for a plugin.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/byte_source.hpp"
#include "plugin/refusal.hpp"

namespace scanhost::plugin {

class elf_image {
 public:
  // `name` stands for the file in messages.
  static load_result<elf_image> read(const byte_source& file, std::string_view name);

  const std::vector<Elf64_Phdr>& segments() const noexcept { return segments_; }
  const std::vector<Elf64_Dyn>& dynamic() const noexcept { return dynamic_; }
  const std::vector<Elf64_Sym>& symbols() const noexcept { return symbols_; }  // the dynamic ones

  // The first entry of that tag in the dynamic section.
  std::optional<std::uint64_t> dynamic_value(std::int64_t tag) const noexcept;

  // A name in the dynamic string table, at most its first `max_size` bytes; nothing: it is not inside.
  std::optional<std::string_view> text_at(
      std::uint64_t offset, std::size_t max_size = std::numeric_limits<std::size_t>::max()) const noexcept;

  // Whether exactly this name is there.
  bool has_text_at(std::uint64_t offset, std::string_view text) const noexcept;

  // The size of the dynamic string table in bytes.
  std::size_t strings_size() const noexcept { return strings_.size(); }

 private:
  elf_image(const byte_source& file, std::string_view name) noexcept : file_(&file), name_(name) {}

  // Each step returns nothing, or why the file is refused. Each relies on the steps before it.
  using check_result = std::optional<load_error>;
  check_result read_header();
  check_result read_segments();
  check_result check_sections() const;
  check_result read_dynamic();
  check_result read_symbols();

  check_result check_ident() const;
  check_result check_segment(const Elf64_Phdr& segment) const;
  std::optional<std::uint64_t> count_symbols() const;
  std::optional<std::uint64_t> count_by_gnu_hash(std::uint64_t address) const;
  std::optional<std::uint64_t> file_offset(std::uint64_t address) const noexcept;
  bool inside(std::uint64_t offset, std::uint64_t length) const noexcept;
  load_error truncated(std::string_view part) const;
  load_error damaged(std::string_view reason) const;

  template <class T>
  bool read_table(std::uint64_t offset, std::uint64_t count, std::vector<T>& table) const;

  const byte_source* file_;  // only while reading
  std::string name_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Dyn> dynamic_;
  std::vector<Elf64_Sym> symbols_;
  std::vector<char> strings_;
};

}  // namespace scanhost::plugin
