// SPDX-License-Identifier: Apache-2.0
//
// What a file says before it is opened, and whether it can be a plugin.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/byte_source.hpp"
#include "plugin/refusal.hpp"

namespace scanhost::plugin {

struct elf_facts {
  bool has_entry = false;  // scanhost_plugin_entry is among the defined dynamic symbols
  bool program = false;    // a position-independent program, which looks like a library
  bool executable_stack = false;
  bool text_relocations = false;
  std::vector<std::string> gnu_unique;  // names of the symbols that the whole process shares, long ones cut
  std::vector<std::string> needed;
  std::uint64_t static_tls = 0;  // bytes of its own thread-local variables that use the static model
  std::string origin_path;       // a run path with $ORIGIN; empty: it has none
};

struct elf_rules {
  std::vector<std::string> allow_needed;
  bool never_unloaded = false;  // unload: never
};

// `name` stands for the file in messages. The bytes may be anything: they are checked, not trusted.
load_result<elf_facts> read_elf(const byte_source& file, std::string_view name);

// Nothing, or why a file with these facts is refused.
std::optional<load_error> check_elf(const elf_facts& facts, const elf_rules& rules, std::string_view name);

}  // namespace scanhost::plugin
