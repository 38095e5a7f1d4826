// SPDX-License-Identifier: Apache-2.0
//
// A check: a stable name, what it proves, and how it is made. Checks of the file are pure; the others run in
// a separate child process, which they may end early.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "plugin/byte_source.hpp"
#include "plugin/elf.hpp"
#include "plugin/elf_image.hpp"
#include "verify/fault.hpp"
#include "verify/store_file.hpp"
#include "verify/witness.hpp"

namespace scanhost::verify {

// --- checks of the file alone
struct file_to_check {
  const plugin::byte_source& bytes;
  const plugin::elf_image& image;
  const plugin::elf_facts& facts;
  const plugin::elf_rules& rules;
};
struct file_check {
  std::string_view name;
  std::string_view proves;
  findings (*look)(const file_to_check& file);
};
std::span<const file_check> file_checks() noexcept;

// --- checks in a child process
inline constexpr base::milliseconds child_grace{
    5'000};  // longer than the child's own watch, which reports more

struct child_task {
  std::string file;  // to be opened
  int fd;            // the same
  std::string name;  // for messages; ends with the plugin's own file name
  witness& reports;
  config::option_values values;  // of the options that were given
  store_commands store;          // that were given
};
struct child_check {
  std::string_view name;
  std::string_view proves;
  void (*run)(child_task& task);
};
inline constexpr std::string_view load_check = "load";  // if it fails, no other check in a child is made
inline constexpr std::string_view scan_check = "scan";  // if it fails, no other check with scans is made

std::span<const child_check> library_checks() noexcept;  // loading and unloading; `load` is the first
std::span<const child_check> scan_checks() noexcept;     // `scan` is the first
std::span<const child_check> acting_checks() noexcept;   // with scans too: what they act on, and how much
std::span<const child_check> growth_checks() noexcept;   // with scans too

}  // namespace scanhost::verify
