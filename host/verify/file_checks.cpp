// SPDX-License-Identifier: Apache-2.0
//
// Checks of a plugin's file, none of whose code runs.
#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "scanhost/plugin.h"
#include "verify/check.hpp"

namespace scanhost::verify {
namespace {

constexpr std::size_t names_shown = 5;

std::string some_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < names_shown; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > names_shown) text += " and " + std::to_string(names.size() - names_shown) + " more";
  return text;
}

// Some linkers put these into every library.
bool is_linkers_own(std::string_view name) noexcept {
  for (const std::string_view known : {"_init", "_fini", "_edata", "_end", "__bss_start", "_fbss", "_ftext"})
    if (name == known) return true;
  return false;
}

bool is_exported(const Elf64_Sym& symbol) noexcept {
  const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  return symbol.st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) != STB_LOCAL &&
         (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

findings exported_symbols(const file_to_check& file) {
  std::vector<std::string> names;
  for (const auto& symbol : file.image.symbols()) {
    const std::string name(file.image.text_at(symbol.st_name).value_or(""));
    // A version node is an absolute symbol with the name of the version.
    if (!is_exported(symbol) || symbol.st_shndx == SHN_ABS || name == SCANHOST_ENTRY_SYMBOL ||
        is_linkers_own(name))
      continue;
    names.push_back(name);
  }
  if (names.empty()) return {};
  return {found(fault::exported_symbols, "it exports " + some_of(names) + " besides " SCANHOST_ENTRY_SYMBOL)};
}

// Applies the loader's own rules to these facts alone.
findings refused_for(const file_to_check& file, plugin::elf_facts alone) {
  alone.has_entry = true;
  const auto refused = plugin::check_elf(alone, file.rules, "the file");
  if (!refused) return {};
  return {found(*refused, "the file")};
}

findings entry(const file_to_check& file) {
  plugin::elf_facts alone;
  alone.has_entry = file.facts.has_entry;
  alone.program = file.facts.program;
  const auto refused = plugin::check_elf(alone, file.rules, "the file");
  if (!refused) return {};
  return {found(*refused, "the file")};
}

findings executable_stack(const file_to_check& file) {
  plugin::elf_facts alone;
  alone.executable_stack = file.facts.executable_stack;
  return refused_for(file, alone);
}

findings text_relocations(const file_to_check& file) {
  plugin::elf_facts alone;
  alone.text_relocations = file.facts.text_relocations;
  return refused_for(file, alone);
}

findings gnu_unique(const file_to_check& file) {
  plugin::elf_facts alone;
  alone.gnu_unique = file.facts.gnu_unique;
  return refused_for(file, alone);
}

findings needed_libraries(const file_to_check& file) {
  plugin::elf_facts alone;
  alone.needed = file.facts.needed;
  alone.origin_path = file.facts.origin_path;
  return refused_for(file, alone);
}

findings static_tls(const file_to_check& file) {
  plugin::elf_facts alone;
  alone.static_tls = file.facts.static_tls;
  return refused_for(file, alone);
}

findings no_delete(const file_to_check& file) {
  if ((file.image.dynamic_value(DT_FLAGS_1).value_or(0) & DF_1_NODELETE) == 0) return {};
  return {found(fault::no_delete, "it asks never to be unmapped (DF_1_NODELETE)")};
}

bool contains(const plugin::byte_source& bytes, std::string_view what) {
  std::array<char, std::size_t{64} * 1024> part{};
  for (std::uint64_t at = 0; at + what.size() <= bytes.size(); at += part.size() - what.size() + 1) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(part.size(), bytes.size() - at));
    if (!bytes.read(at, std::as_writable_bytes(std::span(part.data(), size)))) return false;
    if (std::string_view(part.data(), size).find(what) != std::string_view::npos) return true;
  }
  return false;
}

// The names of types that only the C++ runtime itself defines. Stripping does not remove them, nor does a
// version script hide them; where the runtime is a shared library, they are there as imported symbols at
// most, with "_ZTI" before them.
findings static_runtime(const file_to_check& file) {
  using namespace std::string_view_literals;
  for (const auto name :
       {"\0St9exception\0"sv, "\0St9bad_alloc\0"sv, "\0N10__cxxabiv117__class_type_infoE\0"sv})
    if (contains(file.bytes, name))
      return {found(fault::static_runtime, "the C++ runtime is linked into it (it defines the type " +
                                               std::string(name.substr(1, name.size() - 2)) + ")")};
  return {};
}

constexpr file_check file_check_table[] = {
    {"entry", "it is a shared library that exports the entry", &entry},
    {"exported_symbols", "it exports nothing else", &exported_symbols},
    {"gnu_unique", "no symbol is shared by all its copies", &gnu_unique},
    {"executable_stack", "it does not ask for an executable stack", &executable_stack},
    {"text_relocations", "its code needs no relocations when it is loaded", &text_relocations},
    {"needed_libraries", "it needs only libraries of the system, and no C++ runtime but the host's",
     &needed_libraries},
    {"static_runtime", "the C++ runtime is not linked into it", &static_runtime},
    {"static_tls", "its thread-local variables need no static space", &static_tls},
    {"no_delete", "it may be unmapped", &no_delete}};

}  // namespace

std::span<const file_check> file_checks() noexcept { return file_check_table; }

}  // namespace scanhost::verify
