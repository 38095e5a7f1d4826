// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "plugin/elf_image.hpp"
#include "plugin/system_libraries.hpp"
#include "scanhost/plugin.h"

namespace scanhost::plugin {
namespace {

constexpr std::size_t max_names_shown = 3;
constexpr std::size_t max_symbol_size = 200;  // of a name that is kept for a message
constexpr std::size_t max_shown_size = 200;   // of any name in a message

bool defined(const Elf64_Sym& symbol) noexcept { return symbol.st_shndx != SHN_UNDEF; }

bool is_entry(const elf_image& image, const Elf64_Sym& symbol) noexcept {
  const auto binding = ELF64_ST_BIND(symbol.st_info);
  return defined(symbol) && symbol.st_value != 0 && binding != STB_LOCAL &&
         image.has_text_at(symbol.st_name, SCANHOST_ENTRY_SYMBOL);
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

// In bytes; 0: the variables of that model are those of other libraries, such as errno, which have their
// space.
std::uint64_t static_tls_size(const elf_image& image) noexcept {
  if ((image.dynamic_value(DT_FLAGS).value_or(0) & DF_STATIC_TLS) == 0) return 0;
  std::uint64_t size = 0;
  for (const auto& segment : image.segments())
    if (segment.p_type == PT_TLS) size = std::max<std::uint64_t>(size, segment.p_memsz);
  return size;
}

// For a message: of one line, and short.
std::string shown(std::string_view name) {
  std::string text(name.substr(0, max_shown_size));
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  return text.size() < name.size() ? text + "..." : text;
}

std::string some_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), max_names_shown); ++i)
    text.append(i == 0 ? "" : ", ").append(shown(names[i]));
  if (names.size() <= max_names_shown) return text;
  return fmt::format("{} and {} more", text, names.size() - max_names_shown);
}

template <class Condition>
std::vector<std::string> needed_that(const elf_facts& facts, Condition holds) {
  std::vector<std::string> found;
  std::copy_if(facts.needed.begin(), facts.needed.end(), std::back_inserter(found), holds);
  return found;
}

// The messages of these two say nothing of the file yet.
std::optional<load_error> check_code(const elf_facts& facts, const elf_rules& rules) {
  if (facts.executable_stack)
    return load_error{
        refusal::executable_stack,
        "asks for an executable stack, which the whole process would get; link it with -z noexecstack"};
  if (facts.text_relocations)
    return load_error{refusal::text_relocations,
                      "has text relocations, so its code would have to be writable; compile it with -fPIC"};
  if (!facts.gnu_unique.empty() && !rules.never_unloaded)
    return load_error{
        refusal::gnu_unique,
        fmt::format(
            "exports GNU_UNIQUE symbols ({}), which all its copies would share, so that it could never be replaced; compile it with -fno-gnu-unique and link with the SDK's version script, or set unload: never",
            some_of(facts.gnu_unique))};
  if (facts.static_tls > 0 && !rules.never_unloaded)
    return load_error{
        refusal::static_tls,
        fmt::format(
            "has {} bytes of thread-local variables of the static model (DF_STATIC_TLS): each build takes its own part of a space that is small and fixed when the host starts, so a later reload would fail; compile it with -fPIC and without -ftls-model=initial-exec, or set unload: never and restart the host when it says that the space is used up",
            facts.static_tls)};
  return {};
}

std::optional<load_error> check_needed(const elf_facts& facts, const elf_rules& rules) {
  if (const auto runtimes = needed_that(facts, is_foreign_runtime); !runtimes.empty())
    return load_error{refusal::foreign_runtime, refuse_foreign_runtime(some_of(runtimes))};
  const auto others = needed_that(facts, [](const auto& needed) { return !is_system_library(needed); });
  if (!others.empty() && !facts.origin_path.empty())
    return load_error{
        refusal::origin_path,
        fmt::format(
            "looks for {} in the run path {}, but scanhost opens a copy of the plugin in its staging folder, and $ORIGIN would mean that folder; link the library statically, or link with an absolute -rpath (or install the library where ldconfig finds it) and name it in plugins.allow_needed",
            some_of(others), shown(facts.origin_path))};
  const auto& allowed = rules.allow_needed;
  const auto refused = needed_that(facts, [&](const auto& needed) {
    return !is_system_library(needed) && std::find(allowed.begin(), allowed.end(), needed) == allowed.end();
  });
  if (!refused.empty())
    return load_error{
        refusal::private_needed,
        fmt::format(
            "needs {}, which its copies would share and no reload could replace; link it statically, or name it in plugins.allow_needed",
            some_of(refused))};
  return {};
}

void read_symbols(const elf_image& image, elf_facts& facts) {
  for (const auto& symbol : image.symbols()) {
    facts.has_entry = facts.has_entry || is_entry(image, symbol);
    if (defined(symbol) && ELF64_ST_BIND(symbol.st_info) == STB_GNU_UNIQUE)
      facts.gnu_unique.emplace_back(
          image.text_at(symbol.st_name, max_symbol_size).value_or("(without a name)"));
  }
}

bool has_name(const Elf64_Dyn& entry) noexcept {
  return entry.d_tag == DT_NEEDED || entry.d_tag == DT_RUNPATH || entry.d_tag == DT_RPATH;
}

// The needed libraries and the run path. Empty, or what is damaged. Linkers write each name once, so together
// they are no longer than the table; many entries that share a long name would take the square of its size.
std::string_view read_names(const elf_image& image, elf_facts& facts) {
  auto room = image.strings_size();
  for (const auto& entry : image.dynamic()) {
    if (!has_name(entry)) continue;
    const auto name = image.text_at(entry.d_un.d_val, room + 1);
    if (!name && entry.d_tag == DT_NEEDED) return "the name of a needed library is missing";
    if (!name) continue;
    if (name->size() > room) return "the names of its needed libraries are longer than the table of names";
    room -= name->size();
    if (entry.d_tag == DT_NEEDED)
      facts.needed.emplace_back(*name);
    else if (name->find("$ORIGIN") != std::string_view::npos ||
             name->find("${ORIGIN}") != std::string_view::npos)
      facts.origin_path = *name;
  }
  return {};
}

}  // namespace

load_result<elf_facts> read_elf(const byte_source& file, std::string_view name) {
  auto image = elf_image::read(file, name);
  if (!image) return image.error();
  elf_facts facts;
  facts.executable_stack = wants_executable_stack(*image);
  facts.text_relocations = has_text_relocations(*image);
  facts.program = (image->dynamic_value(DT_FLAGS_1).value_or(0) & DF_1_PIE) != 0;
  facts.static_tls = static_tls_size(*image);
  read_symbols(*image, facts);
  if (const auto damage = read_names(*image, facts); !damage.empty())
    return load_error{refusal::not_elf,
                      fmt::format("{}: is a damaged ELF file: {}; build or copy it again", name, damage)};
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
  for (const auto check : {&check_code, &check_needed})
    if (const auto problem = check(facts, rules)) return refuse(problem->reason, problem->message);
  return {};
}

}  // namespace scanhost::plugin
