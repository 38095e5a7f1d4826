// SPDX-License-Identifier: Apache-2.0
//
// Reading ELF64 as the dynamic loader would, but without trusting a byte of it.
#include "plugin/elf_image.hpp"

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
      return "machine number " + std::to_string(machine);
  }
}

constexpr unsigned char own_byte_order() noexcept {
  return std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
}

}  // namespace

load_result<elf_image> elf_image::read(const byte_source& file, std::string_view name) {
  elf_image image(file, name);
  for (const auto step : {&elf_image::read_header, &elf_image::read_segments})
    if (auto problem = (image.*step)()) return std::move(*problem);
  // Before anything that the rest of the file would have to explain: a half-copied file is named as such.
  if (auto problem = image.check_sections()) return std::move(*problem);
  for (const auto step : {&elf_image::read_dynamic, &elf_image::read_symbols})
    if (auto problem = (image.*step)()) return std::move(*problem);
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

load_error elf_image::cut_short(std::string_view what) const {
  return {refusal::truncated,
          name_ + ": is cut short: " + std::string(what) + " lies beyond its end (" +
              std::to_string(file_->size()) +
              " bytes); copy the whole file again, under another name first, and then rename it"};
}

load_error elf_image::broken(std::string_view what) const {
  return {refusal::not_elf,
          name_ + ": is a damaged ELF file: " + std::string(what) + "; build or copy it again"};
}

elf_image::outcome elf_image::read_header() {
  constexpr std::array magic{std::byte{ELFMAG0}, std::byte{ELFMAG1}, std::byte{ELFMAG2}, std::byte{ELFMAG3}};
  std::array<std::byte, magic.size()> start{};
  const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(file_->size(), start.size()));
  const std::span begin(start.data(), there);
  if (!file_->read(0, begin)) return cut_short("the ELF header");
  if (!std::equal(begin.begin(), begin.end(), magic.begin()))
    return load_error{
        refusal::not_elf,
        name_ +
            ": is not an ELF file, so it is no shared library of this system; give a plugin built by scanhost_add_plugin or cc -shared"};
  if (!file_->read(0, std::as_writable_bytes(std::span(&header_, 1)))) return cut_short("the ELF header");
  return check_ident();
}

elf_image::outcome elf_image::check_ident() const {
  if (header_.e_ident[EI_CLASS] != ELFCLASS64)
    return load_error{refusal::wrong_class,
                      name_ + ": is not a 64-bit ELF file and this host is one; build the plugin for " +
                          machine_name(own_machine())};
  if (header_.e_ident[EI_DATA] != own_byte_order() || header_.e_machine != own_machine())
    return load_error{refusal::wrong_machine, name_ + ": is built for " + machine_name(header_.e_machine) +
                                                  ", this host runs on " + machine_name(own_machine()) +
                                                  "; build the plugin for this machine"};
  if (header_.e_type != ET_DYN)
    return load_error{refusal::wrong_type, name_ + ": is an ELF file but no shared library (type " +
                                               std::to_string(header_.e_type) + "); link it with -shared"};
  return {};
}

elf_image::outcome elf_image::read_segments() {
  if (header_.e_phnum == 0 || header_.e_phentsize != sizeof(Elf64_Phdr))
    return broken("it has no program headers of the known size");
  if (!read_table(header_.e_phoff, header_.e_phnum, segments_)) return cut_short("the table of segments");
  for (const auto& segment : segments_)
    if (auto problem = check_segment(segment)) return problem;
  const auto loaded = std::any_of(segments_.begin(), segments_.end(),
                                  [](const Elf64_Phdr& segment) { return segment.p_type == PT_LOAD; });
  return loaded ? outcome{} : broken("it has nothing to load");
}

elf_image::outcome elf_image::check_segment(const Elf64_Phdr& segment) const {
  if (segment.p_type == PT_NULL) return {};
  // Mapped beyond the end of the file, a page kills the process when it is touched (SIGBUS in dlopen).
  if (!inside(segment.p_offset, segment.p_filesz)) return cut_short("a segment");
  if (segment.p_type != PT_LOAD) return {};
  if (segment.p_memsz < segment.p_filesz || segment.p_vaddr + segment.p_memsz < segment.p_vaddr)
    return broken("a segment's sizes contradict each other");
  return {};
}

elf_image::outcome elf_image::check_sections() const {
  if (header_.e_shoff == 0) return {};  // stripped of its sections: nothing to compare with
  if (header_.e_shentsize != sizeof(Elf64_Shdr)) return broken("its section headers have an unknown size");
  std::vector<Elf64_Shdr> sections;
  // More than SHN_LORESERVE sections: the count stands in the first one.
  if (!read_table(header_.e_shoff, 1, sections)) return cut_short("the table of sections");
  const std::uint64_t count = header_.e_shnum != 0 ? header_.e_shnum : sections.front().sh_size;
  if (!read_table(header_.e_shoff, count, sections)) return cut_short("the table of sections");
  for (const auto& section : sections)
    if (section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL &&
        !inside(section.sh_offset, section.sh_size))
      return cut_short("a section");
  return {};
}

std::optional<std::uint64_t> elf_image::file_offset(std::uint64_t address) const noexcept {
  for (const auto& segment : segments_)
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address - segment.p_vaddr < segment.p_filesz)
      return segment.p_offset + (address - segment.p_vaddr);
  return {};
}

elf_image::outcome elf_image::read_dynamic() {
  const auto found = std::find_if(segments_.begin(), segments_.end(),
                                  [](const Elf64_Phdr& segment) { return segment.p_type == PT_DYNAMIC; });
  if (found == segments_.end())
    return load_error{refusal::wrong_type, name_ + ": has no dynamic section; link it with -shared"};
  const auto place = file_offset(found->p_vaddr);
  if (!place || !read_table(*place, found->p_filesz / sizeof(Elf64_Dyn), dynamic_))
    return broken("its dynamic section is not inside a loaded segment");
  const auto end = std::find_if(dynamic_.begin(), dynamic_.end(),
                                [](const Elf64_Dyn& entry) { return entry.d_tag == DT_NULL; });
  if (end == dynamic_.end()) return broken("its dynamic section has no end");
  dynamic_.erase(end, dynamic_.end());
  return {};
}

std::optional<std::uint64_t> elf_image::dynamic_value(std::int64_t tag) const noexcept {
  for (const auto& entry : dynamic_)
    if (entry.d_tag == tag) return entry.d_un.d_val;
  return {};
}

std::optional<std::string_view> elf_image::text_at(std::uint64_t offset) const noexcept {
  if (offset >= strings_.size()) return {};
  const auto* begin = strings_.data() + offset;
  const auto* end = static_cast<const char*>(std::memchr(begin, 0, strings_.size() - offset));
  if (end == nullptr) return {};
  return std::string_view(begin, static_cast<std::size_t>(end - begin));
}

elf_image::outcome elf_image::read_symbols() {
  const auto strings = dynamic_value(DT_STRTAB);
  const auto strings_size = dynamic_value(DT_STRSZ);
  const auto table = dynamic_value(DT_SYMTAB);
  if (!strings || !strings_size || !table) return broken("it has no dynamic symbol and string table");
  const auto strings_place = file_offset(*strings);
  const auto table_place = file_offset(*table);
  if (!strings_place || !table_place) return broken("its dynamic tables are not inside a loaded segment");
  if (!read_table(*strings_place, *strings_size, strings_))
    return broken("its dynamic strings are not all there");
  const auto count = count_symbols();
  if (!count) return broken("its symbol hash table contradicts itself");
  if (!read_table(*table_place, *count, symbols_)) return broken("its dynamic symbols are not all there");
  return {};
}

// Nothing says how many dynamic symbols there are, except the hash tables that the loader looks them up by.
// Without one of them it finds none.
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
  // The chain of the last bucket ends with the last symbol; its end carries the lowest bit.
  for (std::uint64_t symbol = last;; ++symbol) {
    std::uint32_t value = 0;
    const auto at = next + (symbol - first) * sizeof value;
    if (!file_->read(at, std::as_writable_bytes(std::span(&value, 1)))) return {};
    if ((value & 1U) != 0) return symbol + 1;
  }
}

}  // namespace scanhost::plugin
