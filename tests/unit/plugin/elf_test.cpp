// SPDX-License-Identifier: Apache-2.0
//
// Reading files that may be intact, truncated, damaged, or built for other machines.
#include "plugin/elf.hpp"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <random>

#include "unit/plugin/plugin_files.hpp"

namespace scanhost::plugin {
namespace {

using testing::HasSubstr;

load_result<elf_facts> read(std::string_view bytes) {
  return read_elf(memory_source(std::as_bytes(std::span(bytes))), "x.so");
}

const std::string& good() {
  static const std::string bytes = test::contents(test::broken("good"));
  return bytes;
}

// A good file with one field of its header changed.
template <class T>
std::string patch_good(std::size_t offset, T value) {
  auto bytes = good();
  std::memcpy(bytes.data() + offset, &value, sizeof value);
  return bytes;
}

elf_facts plugin_that_needs(std::vector<std::string> libraries) {
  elf_facts facts;
  facts.has_entry = true;
  facts.needed = std::move(libraries);
  return facts;
}

// A file whose symbols and needed libraries all have the same long name.
std::string file_of_long_names(std::size_t symbols, std::size_t needed, std::size_t length) {
  struct {
    Elf64_Ehdr header{};
    Elf64_Phdr segments[2]{};
    std::uint32_t hash[2]{};
  } head;
  std::vector<Elf64_Dyn> dynamic;
  std::vector<Elf64_Sym> table(symbols);
  const auto dynamic_size = (needed + 5) * sizeof(Elf64_Dyn);
  const auto symbols_at = sizeof head + dynamic_size;
  const auto strings_at = symbols_at + symbols * sizeof(Elf64_Sym);
  const auto size = strings_at + length + 1;
  const auto add = [&](std::int64_t tag, std::uint64_t value) {
    dynamic.emplace_back();
    dynamic.back().d_tag = tag;
    dynamic.back().d_un.d_val = value;
  };
  std::memcpy(&head.header, good().data(), sizeof head.header);
  head.header.e_phoff = sizeof head.header;
  head.header.e_phnum = 2;
  head.header.e_shoff = 0;
  head.segments[0] = {PT_LOAD, PF_R, 0, 0, 0, size, size, 1};
  head.segments[1] = {PT_DYNAMIC, PF_R, sizeof head, sizeof head, 0, dynamic_size, dynamic_size, 1};
  head.hash[1] = static_cast<std::uint32_t>(symbols);
  add(DT_STRTAB, strings_at);
  add(DT_STRSZ, length + 1);
  add(DT_SYMTAB, symbols_at);
  add(DT_HASH, offsetof(decltype(head), hash));
  for (std::size_t i = 0; i < needed; ++i) add(DT_NEEDED, 0);
  add(DT_NULL, 0);
  for (auto& symbol : table) {
    symbol.st_info = ELF64_ST_INFO(STB_GNU_UNIQUE, STT_OBJECT);
    symbol.st_shndx = 1;
    symbol.st_value = 1;
  }
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  bytes.append(reinterpret_cast<const char*>(dynamic.data()), dynamic_size);
  bytes.append(reinterpret_cast<const char*>(table.data()), table.size() * sizeof table[0]);
  return bytes + std::string(length, 'n') + std::string(1, '\0');
}

std::size_t total_size(const std::vector<std::string>& texts) {
  std::size_t size = 0;
  for (const auto& text : texts) size += text.size();
  return size;
}

refusal reason_of(std::string_view bytes) { return read(bytes).error().reason; }

TEST(elf, finds_the_entry_of_a_plugin_and_nothing_against_it) {
  const auto facts = read(good());
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  EXPECT_TRUE(facts->has_entry);
  EXPECT_FALSE(check_elf(*facts, {}, "x.so").has_value());
}

TEST(elf, calls_a_file_truncated_at_every_length_that_is_not_the_whole) {
  for (std::size_t length = 0; length < good().size(); ++length)
    ASSERT_EQ(reason_of(std::string_view(good()).substr(0, length)), refusal::truncated) << length;
}

TEST(elf, survives_random_damage) {
  std::mt19937 random(20261124);
  const auto pick = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = good();
    // Mostly at the beginning, where the tables are.
    const auto reach = round % 2 == 0 ? std::min<std::size_t>(bytes.size(), 2048) : bytes.size();
    for (auto flips = 1 + pick(8); flips > 0; --flips)
      bytes[pick(reach)] = static_cast<char>(static_cast<unsigned char>(pick(256)));
    const auto facts = read(bytes);
    if (facts) check_elf(*facts, {}, "x.so");
  }
}

TEST(elf, survives_extreme_numbers_in_every_word) {
  for (std::size_t at = 0; at + sizeof(std::uint64_t) <= std::min<std::size_t>(good().size(), 8192); at += 4)
    for (const auto value :
         {~std::uint64_t{0}, ~std::uint64_t{0} >> 1, std::uint64_t{1} << 63, ~std::uint64_t{63}}) {
      const auto facts = read(patch_good(at, value));
      if (facts) check_elf(*facts, {}, "x.so");
    }
}

// A file of 1 MB took gigabytes.
TEST(elf, keeps_no_more_of_symbols_that_share_a_long_name_than_the_file_has) {
  const auto bytes = file_of_long_names(10'000, 0, 500'000);
  const auto facts = read(bytes);
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  EXPECT_EQ(facts->gnu_unique.size(), 10'000U);
  EXPECT_LT(total_size(facts->gnu_unique), 4 * bytes.size());
  EXPECT_LT(check_elf(*facts, {}, "x.so").value().message.size(), 2000U);
}

TEST(elf, calls_a_file_damaged_whose_needed_libraries_share_a_long_name) {
  const auto once = read(file_of_long_names(0, 1, 500'000));
  ASSERT_TRUE(once.has_value()) << once.error().message;
  EXPECT_EQ(once->needed.front().size(), 500'000U);
  const auto often = read(file_of_long_names(0, 20'000, 500'000));
  ASSERT_TRUE(often.has_error());
  EXPECT_EQ(often.error().reason, refusal::not_elf);
  EXPECT_THAT(often.error().message, HasSubstr("longer than the table of names"));
}

TEST(elf, shows_names_on_one_line_and_long_ones_cut) {
  const auto problem = check_elf(plugin_that_needs({"lib\n\x1b.so", std::string(5000, 'l')}), {}, "x.so");
  ASSERT_TRUE(problem.has_value());
  EXPECT_THAT(problem->message, HasSubstr("lib??.so, lll"));
  EXPECT_LT(problem->message.size(), 1000U);
}

TEST(elf, names_files_of_other_kinds) {
  EXPECT_EQ(reason_of("#!/bin/sh\necho\n"), refusal::not_elf);
  EXPECT_EQ(reason_of(patch_good<unsigned char>(EI_CLASS, ELFCLASS32)), refusal::wrong_class);
  EXPECT_EQ(reason_of(patch_good<std::uint16_t>(offsetof(Elf64_Ehdr, e_machine), EM_S390)),
            refusal::wrong_machine);
  EXPECT_EQ(reason_of(patch_good<unsigned char>(EI_DATA, ELFDATA2MSB)), refusal::wrong_machine);
  EXPECT_EQ(reason_of(patch_good<std::uint16_t>(offsetof(Elf64_Ehdr, e_type), ET_REL)), refusal::wrong_type);
}

TEST(elf, says_for_which_machine_a_file_was_built) {
  const auto found = read(patch_good<std::uint16_t>(offsetof(Elf64_Ehdr, e_machine), EM_S390));
  EXPECT_THAT(found.error().message, HasSubstr("is built for s390x"));
}

TEST(elf, refuses_a_program) {
  const auto facts = read(test::contents("/proc/self/exe"));
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  EXPECT_EQ(check_elf(*facts, {}, "x.so").value().reason, refusal::wrong_type);
}

TEST(elf, refuses_text_relocations) {
  auto facts = plugin_that_needs({"libc.so.6"});
  facts.text_relocations = true;
  const auto problem = check_elf(facts, {}, "x.so");
  ASSERT_TRUE(problem.has_value());
  EXPECT_EQ(problem->reason, refusal::text_relocations);
  EXPECT_THAT(problem->message, HasSubstr("-fPIC"));
}

TEST(elf, reads_text_relocations_from_the_dynamic_flags) {
  auto bytes = good();
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (int i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, bytes.data() + header.e_phoff + static_cast<std::size_t>(i) * sizeof segment,
                sizeof segment);
    if (segment.p_type != PT_DYNAMIC) continue;
    // The first entry that serves only statistics becomes the mark.
    for (auto at = segment.p_offset;; at += sizeof(Elf64_Dyn)) {
      Elf64_Dyn entry;
      std::memcpy(&entry, bytes.data() + at, sizeof entry);
      ASSERT_NE(entry.d_tag, DT_NULL);
      if (entry.d_tag != DT_RELACOUNT) continue;
      entry.d_tag = DT_TEXTREL;
      std::memcpy(bytes.data() + at, &entry, sizeof entry);
      break;
    }
  }
  const auto facts = read(bytes);
  ASSERT_TRUE(facts.has_value());
  EXPECT_TRUE(facts->text_relocations);
}

TEST(elf, takes_a_missing_stack_header_for_an_executable_stack) {
  auto bytes = good();
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (int i = 0; i < header.e_phnum; ++i) {
    const auto at = header.e_phoff + static_cast<std::size_t>(i) * sizeof(Elf64_Phdr);
    Elf64_Word type;
    std::memcpy(&type, bytes.data() + at, sizeof type);
    if (type == PT_GNU_STACK) type = PT_NULL;
    std::memcpy(bytes.data() + at, &type, sizeof type);
  }
  const auto facts = read(bytes);
  ASSERT_TRUE(facts.has_value());
  EXPECT_TRUE(facts->executable_stack);
}

TEST(elf, lets_the_libraries_of_the_system_be_needed) {
  const auto facts =
      plugin_that_needs({"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2",
                         "libatomic.so.1", "libmvec.so.1", "libresolv.so.2", "libutil.so.1"});
  EXPECT_FALSE(check_elf(facts, {}, "x.so").has_value());
}

TEST(elf, refuses_every_cpp_runtime_but_the_hosts_own_even_where_it_is_allowed) {
  for (const std::string name : {"libc++.so.1", "libc++abi.so.1", "libunwind.so.1", "libstdc++.so.5"}) {
    const auto facts = plugin_that_needs({"libc.so.6", name});
    const auto problem = check_elf(facts, {{name}, false}, "x.so");
    ASSERT_TRUE(problem.has_value()) << name;
    EXPECT_EQ(problem->reason, refusal::foreign_runtime);
    EXPECT_THAT(problem->message, HasSubstr("x.so: needs " + name));
    EXPECT_THAT(problem->message, HasSubstr("-stdlib=libstdc++"));
  }
}

TEST(elf, does_not_take_a_library_that_reads_stacks_for_a_runtime) {
  const auto facts = plugin_that_needs({"libunwind.so.8"});
  EXPECT_EQ(check_elf(facts, {}, "x.so").value().reason, refusal::private_needed);
  EXPECT_FALSE(check_elf(facts, {{"libunwind.so.8"}, false}, "x.so").has_value());
}

TEST(elf, counts_the_bytes_of_thread_local_variables_that_use_the_static_model) {
  const auto facts = read(test::contents(test::broken("static_tls")));
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  EXPECT_EQ(facts->static_tls, sizeof(int));
  EXPECT_EQ(read(good())->static_tls, 0U);
}

TEST(elf, refuses_static_thread_local_variables_unless_the_plugin_is_never_unloaded) {
  auto facts = plugin_that_needs({"libc.so.6"});
  facts.static_tls = 48;
  const auto problem = check_elf(facts, {}, "x.so");
  ASSERT_TRUE(problem.has_value());
  EXPECT_EQ(problem->reason, refusal::static_tls);
  EXPECT_THAT(problem->message, HasSubstr("has 48 bytes of thread-local variables"));
  EXPECT_FALSE(check_elf(facts, {{}, true}, "x.so").has_value());
}

TEST(elf, refuses_a_run_path_beside_the_plugin_since_the_staged_copy_lies_elsewhere) {
  const auto facts = read(test::contents(test::broken("origin_path")));
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  const auto problem = check_elf(*facts, {{"libbroken_private.so"}, false}, "x.so");
  ASSERT_TRUE(problem.has_value());
  EXPECT_EQ(problem->reason, refusal::origin_path);
  EXPECT_THAT(problem->message, HasSubstr("libbroken_private.so"));
  EXPECT_THAT(problem->message, HasSubstr("$ORIGIN/lib"));
}

TEST(elf, does_not_mind_a_run_path_that_finds_nothing_but_system_libraries) {
  auto facts = plugin_that_needs({"libc.so.6"});
  facts.origin_path = "$ORIGIN/lib";
  EXPECT_FALSE(check_elf(facts, {}, "x.so").has_value());
}

TEST(elf, refuses_other_needed_libraries_unless_they_are_allowed_by_their_whole_name) {
  const auto facts = plugin_that_needs({"libc.so.6", "libcurl.so.4"});
  EXPECT_EQ(check_elf(facts, {}, "x.so").value().reason, refusal::private_needed);
  EXPECT_TRUE(check_elf(facts, {{"libcurl"}, false}, "x.so").has_value());
  EXPECT_FALSE(check_elf(facts, {{"libcurl.so.4"}, false}, "x.so").has_value());
}

}  // namespace
}  // namespace scanhost::plugin
