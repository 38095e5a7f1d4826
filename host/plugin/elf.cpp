// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "plugin/elf_image.hpp"
#include "scanhost/plugin.h"

namespace scanhost::plugin {
namespace {

constexpr std::size_t max_names_shown = 3;

bool defined(const Elf64_Sym& symbol) noexcept { return symbol.st_shndx != SHN_UNDEF; }

bool is_entry(const elf_image& image, const Elf64_Sym& symbol) noexcept {
  const auto binding = ELF64_ST_BIND(symbol.st_info);
  return defined(symbol) && symbol.st_value != 0 && binding != STB_LOCAL &&
         image.text_at(symbol.st_name) == SCANHOST_ENTRY_SYMBOL;
}

// Without the header the loader makes the stack executable.
bool wants_executable_stack(const elf_image& image) noexcept {
  for (const auto& segment : image.segments())
    if (segment.p_type == PT_GNU_STACK) return (segment.p_flags & PF_X) != 0;
  return true;
}

bool has_text_relocations(const elf_image& image) noexcept {
  return image.dynamic_value(DT_TEXTREL) || (image.dynamic_value(DT_FLAGS).value_or(0) & DF_TEXTREL) != 0;
}

bool is_system_library(std::string_view needed) noexcept {
  constexpr std::array names{"libc",     "libm",   "libdl",     "libpthread", "librt",    "libstdc++",
                             "libgcc_s", "libc++", "libc++abi", "libunwind",  "libatomic"};
  const auto stem = needed.substr(0, needed.find(".so"));
  if (stem.starts_with("ld-linux") || stem == "ld64") return true;
#ifdef SCANHOST_SANITIZED
  for (const std::string_view runtime : {"libasan", "libubsan", "libtsan", "liblsan"})
    if (stem == runtime) return true;
#endif
  return std::find(names.begin(), names.end(), stem) != names.end();
}

std::string some_of(const std::vector<std::string>& names) {
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), max_names_shown));
  const auto text = fmt::format("{}", fmt::join(names.begin(), end, ", "));
  return end == names.end() ? text : fmt::format("{} and {} more", text, names.end() - end);
}

std::vector<std::string> private_needed(const elf_facts& facts, const elf_rules& rules) {
  std::vector<std::string> found;
  for (const auto& needed : facts.needed) {
    const auto& allowed = rules.allow_needed;
    if (is_system_library(needed) || std::find(allowed.begin(), allowed.end(), needed) != allowed.end())
      continue;
    found.push_back(needed);
  }
  return found;
}

}  // namespace

load_result<elf_facts> read_elf(const byte_source& file, std::string_view name) {
  auto image = elf_image::read(file, name);
  if (!image) return image.error();
  elf_facts facts;
  facts.executable_stack = wants_executable_stack(*image);
  facts.text_relocations = has_text_relocations(*image);
  facts.program = (image->dynamic_value(DT_FLAGS_1).value_or(0) & DF_1_PIE) != 0;
  for (const auto& symbol : image->symbols()) {
    facts.has_entry = facts.has_entry || is_entry(*image, symbol);
    if (defined(symbol) && ELF64_ST_BIND(symbol.st_info) == STB_GNU_UNIQUE)
      facts.gnu_unique.emplace_back(image->text_at(symbol.st_name).value_or("(without a name)"));
  }
  for (const auto& entry : image->dynamic()) {
    if (entry.d_tag != DT_NEEDED) continue;
    const auto needed = image->text_at(entry.d_un.d_val);
    if (!needed)
      return load_error{
          refusal::not_elf,
          fmt::format(
              "{}: is a damaged ELF file: the name of a needed library is missing; build or copy it again",
              name)};
    facts.needed.emplace_back(*needed);
  }
  return facts;
}

std::optional<load_error> check_elf(const elf_facts& facts, const elf_rules& rules, std::string_view name) {
  const auto refuse = [&](refusal reason, std::string_view message) {
    return load_error{reason, fmt::format("{}: {}", name, message)};
  };
  if (facts.program)
    return refuse(refusal::wrong_type, "is a program, not a shared library; link it with -shared");
  if (!facts.has_entry)
    return refuse(
        refusal::no_entry,
        "does not export " SCANHOST_ENTRY_SYMBOL
        ", so it is not a scanner plugin; define it with C linkage, or in C++ write SCANHOST_PLUGIN, and link with the SDK's version script");
  if (facts.executable_stack)
    return refuse(
        refusal::executable_stack,
        "asks for an executable stack, which the whole process would get; link it with -z noexecstack");
  if (facts.text_relocations)
    return refuse(refusal::text_relocations,
                  "has text relocations, so its code would have to be writable; compile it with -fPIC");
  if (!facts.gnu_unique.empty() && !rules.allow_gnu_unique)
    return refuse(
        refusal::gnu_unique,
        fmt::format(
            "exports GNU_UNIQUE symbols ({}), which all its copies would share, so that it could never be replaced; compile it with -fno-gnu-unique and link with the SDK's version script, or set unload: never",
            some_of(facts.gnu_unique)));
  if (const auto libraries = private_needed(facts, rules); !libraries.empty())
    return refuse(
        refusal::private_needed,
        fmt::format(
            "needs {}, which its copies would share and no reload could replace; link it statically, or name it in plugins.allow_needed",
            some_of(libraries)));
  return {};
}

}  // namespace scanhost::plugin
