// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace scanhost::plugin {
namespace {

constexpr std::uint16_t own_machine() noexcept {
#if defined(__x86_64__)
  return EM_X86_64;
#elif defined(__aarch64__)
  return EM_AARCH64;
#elif defined(__riscv)
  return EM_RISCV;
#elif defined(__powerpc64__)
  return EM_PPC64;
#elif defined(__s390x__)
  return EM_S390;
#else
#error "name this machine's ELF number here"
#endif
}

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_386:
      return "i386";
    case EM_ARM:
      return "arm";
    case EM_X86_64:
      return "x86-64";
    case EM_AARCH64:
      return "aarch64";
    case EM_RISCV:
      return "riscv";
    case EM_PPC64:
      return "ppc64";
    case EM_S390:
      return "s390x";
    default:
      return fmt::format("machine number {}", machine);
  }
}

constexpr unsigned char own_byte_order() noexcept {
  return std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
}

}  // namespace

load_result<elf_image> elf_image::read(const byte_source& file, std::string_view name) {
  elf_image image(file, name);
  for (const auto step : {&elf_image::read_header, &elf_image::read_segments})
    if (auto refused = (image.*step)()) return std::move(*refused);
  // First of all, so that a half-copied file is reported as such.
  if (auto refused = image.check_sections()) return std::move(*refused);
  for (const auto step : {&elf_image::read_dynamic, &elf_image::read_symbols})
    if (auto refused = (image.*step)()) return std::move(*refused);
  image.file_ = nullptr;
  return image;
}

bool elf_image::inside(std::uint64_t offset, std::uint64_t length) const noexcept {
  return offset <= file_->size() && length <= file_->size() - offset;
}

template <class T>
bool elf_image::read_table(std::uint64_t offset, std::uint64_t count, std::vector<T>& table) const {
  if (count > file_->size() / sizeof(T) || !inside(offset, count * sizeof(T))) return false;
  table.resize(static_cast<std::size_t>(count));
  return file_->read(offset, std::as_writable_bytes(std::span(table)));
}

load_error elf_image::truncated(std::string_view part) const {
  return {
      refusal::truncated,
      fmt::format(
          "{}: is truncated: {} lies beyond its end ({} bytes); copy the whole file again under another name, and then rename it",
          name_, part, file_->size())};
}

load_error elf_image::damaged(std::string_view reason) const {
  return {refusal::not_elf,
          fmt::format("{}: is a damaged ELF file: {}; build or copy it again", name_, reason)};
}

elf_image::check_result elf_image::read_header() {
  constexpr std::array magic{std::byte{ELFMAG0}, std::byte{ELFMAG1}, std::byte{ELFMAG2}, std::byte{ELFMAG3}};
  std::array<std::byte, magic.size()> start{};
  const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(file_->size(), start.size()));
  const std::span begin(start.data(), there);
  if (!file_->read(0, begin)) return truncated("the ELF header");
  if (!std::equal(begin.begin(), begin.end(), magic.begin()))
    return load_error{
        refusal::not_elf,
        fmt::format(
            "{}: is not an ELF file, so it is not a shared library of this system; build the plugin with scanhost_add_plugin or cc -shared",
            name_)};
  if (!file_->read(0, std::as_writable_bytes(std::span(&header_, 1)))) return truncated("the ELF header");
  return check_ident();
}

elf_image::check_result elf_image::check_ident() const {
  if (header_.e_ident[EI_CLASS] != ELFCLASS64)
    return load_error{refusal::wrong_class,
                      fmt::format("{}: is not a 64-bit ELF file, but this host is; build the plugin for {}",
                                  name_, machine_name(own_machine()))};
  if (header_.e_ident[EI_DATA] != own_byte_order() || header_.e_machine != own_machine())
    return load_error{
        refusal::wrong_machine,
        fmt::format("{}: is built for {}, this host runs on {}; build the plugin for this machine", name_,
                    machine_name(header_.e_machine), machine_name(own_machine()))};
  if (header_.e_type != ET_DYN)
    return load_error{
        refusal::wrong_type,
        fmt::format("{}: is an ELF file but not a shared library (type {}); link it with -shared", name_,
                    header_.e_type)};
  return {};
}

elf_image::check_result elf_image::read_segments() {
  if (header_.e_phnum == 0 || header_.e_phentsize != sizeof(Elf64_Phdr))
    return damaged("it has no program headers of the known size");
  if (!read_table(header_.e_phoff, header_.e_phnum, segments_)) return truncated("the table of segments");
  for (const auto& segment : segments_)
    if (auto refused = check_segment(segment)) return refused;
  const auto loaded = std::any_of(segments_.begin(), segments_.end(),
                                  [](const Elf64_Phdr& segment) { return segment.p_type == PT_LOAD; });
  return loaded ? check_result{} : damaged("it has nothing to load");
}

elf_image::check_result elf_image::check_segment(const Elf64_Phdr& segment) const {
  if (segment.p_type == PT_NULL) return {};
  // A page that is mapped beyond the end of the file kills the process when it is touched (SIGBUS in dlopen).
  if (!inside(segment.p_offset, segment.p_filesz)) return truncated("a segment");
  if (segment.p_type != PT_LOAD) return {};
  if (segment.p_memsz < segment.p_filesz || segment.p_vaddr + segment.p_memsz < segment.p_vaddr)
    return damaged("a segment's sizes contradict each other");
  return {};
}

elf_image::check_result elf_image::check_sections() const {
  if (header_.e_shoff == 0) return {};  // stripped of its sections: nothing to compare with
  if (header_.e_shentsize != sizeof(Elf64_Shdr)) return damaged("its section headers have an unknown size");
  std::vector<Elf64_Shdr> sections;
  // With SHN_LORESERVE sections or more, the count is in the first one.
  if (!read_table(header_.e_shoff, 1, sections)) return truncated("the table of sections");
  const std::uint64_t count = header_.e_shnum != 0 ? header_.e_shnum : sections.front().sh_size;
  if (!read_table(header_.e_shoff, count, sections)) return truncated("the table of sections");
  for (const auto& section : sections)
    if (section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL &&
        !inside(section.sh_offset, section.sh_size))
      return truncated("a section");
  return {};
}

std::optional<std::uint64_t> elf_image::file_offset(std::uint64_t address) const noexcept {
  for (const auto& segment : segments_)
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address - segment.p_vaddr < segment.p_filesz)
      return segment.p_offset + (address - segment.p_vaddr);
  return {};
}

elf_image::check_result elf_image::read_dynamic() {
  const auto found = std::find_if(segments_.begin(), segments_.end(),
                                  [](const Elf64_Phdr& segment) { return segment.p_type == PT_DYNAMIC; });
  if (found == segments_.end())
    return load_error{refusal::wrong_type,
                      fmt::format("{}: has no dynamic section; link it with -shared", name_)};
  const auto place = file_offset(found->p_vaddr);
  if (!place || !read_table(*place, found->p_filesz / sizeof(Elf64_Dyn), dynamic_))
    return damaged("its dynamic section is not inside a loaded segment");
  const auto end = std::find_if(dynamic_.begin(), dynamic_.end(),
                                [](const Elf64_Dyn& entry) { return entry.d_tag == DT_NULL; });
  if (end == dynamic_.end()) return damaged("its dynamic section has no end");
  dynamic_.erase(end, dynamic_.end());
  return {};
}

std::optional<std::uint64_t> elf_image::dynamic_value(std::int64_t tag) const noexcept {
  for (const auto& entry : dynamic_)
    if (entry.d_tag == tag) return entry.d_un.d_val;
  return {};
}

std::optional<std::string_view> elf_image::text_at(std::uint64_t offset,
                                                   std::size_t max_size) const noexcept {
  if (offset >= strings_.size()) return {};
  const auto* begin = strings_.data() + offset;
  const auto room = static_cast<std::size_t>(strings_.size() - offset);
  const auto searched = std::min(room, max_size);
  if (const auto* end = static_cast<const char*>(std::memchr(begin, 0, searched)))
    return std::string_view(begin, static_cast<std::size_t>(end - begin));
  return searched < room ? std::optional(std::string_view(begin, searched)) : std::nullopt;
}

bool elf_image::has_text_at(std::uint64_t offset, std::string_view text) const noexcept {
  const auto found = text_at(offset, text.size() + 1);
  return found == text;
}

elf_image::check_result elf_image::read_symbols() {
  const auto strings = dynamic_value(DT_STRTAB);
  const auto strings_size = dynamic_value(DT_STRSZ);
  const auto table = dynamic_value(DT_SYMTAB);
  if (!strings || !strings_size || !table) return damaged("it has no dynamic symbol and string table");
  const auto strings_place = file_offset(*strings);
  const auto table_place = file_offset(*table);
  if (!strings_place || !table_place) return damaged("its dynamic tables are not inside a loaded segment");
  if (!read_table(*strings_place, *strings_size, strings_))
    return damaged("its dynamic strings are incomplete");
  const auto count = count_symbols();
  if (!count) return damaged("its symbol hash table contradicts itself");
  if (!read_table(*table_place, *count, symbols_)) return damaged("its dynamic symbols are incomplete");
  return {};
}

// Only the hash tables that the loader uses for its look-ups tell how many dynamic symbols there are. Without
// one of them it finds none.
std::optional<std::uint64_t> elf_image::count_symbols() const {
  std::uint64_t count = 0;
  if (const auto address = dynamic_value(DT_GNU_HASH)) {
    const auto counted = count_by_gnu_hash(*address);
    if (!counted) return {};
    count = *counted;
  }
  if (const auto address = dynamic_value(DT_HASH)) {
    const auto place = file_offset(*address);
    std::vector<std::uint32_t> head;  // buckets, chains; one chain for each symbol
    if (!place || !read_table(*place, 2, head)) return {};
    count = std::max<std::uint64_t>(count, head[1]);
  }
  return count;
}

std::optional<std::uint64_t> elf_image::count_by_gnu_hash(std::uint64_t address) const {
  const auto place = file_offset(address);
  std::vector<std::uint32_t> head;  // buckets, first hashed symbol, words of the filter, shift
  if (!place || !read_table(*place, 4, head)) return {};
  const auto first = head[1];
  std::uint64_t next = *place + 16 + std::uint64_t{head[2]} * sizeof(Elf64_Xword);
  std::vector<std::uint32_t> buckets;
  if (!read_table(next, head[0], buckets)) return {};
  next += std::uint64_t{head[0]} * sizeof(std::uint32_t);
  const auto last = buckets.empty() ? 0 : *std::max_element(buckets.begin(), buckets.end());
  if (last < first) return first;
  // The chain of the last bucket ends with the last symbol; the lowest bit marks its end.
  for (std::uint64_t symbol = last;; ++symbol) {
    std::uint32_t value = 0;
    const auto at = next + (symbol - first) * sizeof value;
    if (!file_->read(at, std::as_writable_bytes(std::span(&value, 1)))) return {};
    if ((value & 1U) != 0) return symbol + 1;
  }
}

}  // namespace scanhost::plugin
