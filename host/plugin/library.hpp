// SPDX-License-Identifier: Apache-2.0
//
// A plugin that is open in this process: its staged copy, the mapping and the checked descriptor.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "plugin/descriptor.hpp"
#include "plugin/refusal.hpp"

namespace scanhost::plugin {

struct elf_rules;
class shared_object;
class staged_file;

// Closed when it goes, unless `keep()` was called (or the build has AddressSanitizer, which loses what it
// knows of unmapped code). Destroy it only after the thread that ran its code was joined: a thread_local of
// the plugin that was touched on a living thread pins the library.
class library {
 public:
  // Reads the copy as ELF again, opens it and checks its descriptor. `name` stands for the file in messages;
  // the copy must be in a folder.
  static load_result<std::unique_ptr<library>> open(std::unique_ptr<staged_file> copy, const elf_rules& rules,
                                                    std::string_view name);
  library(std::unique_ptr<staged_file> copy, std::unique_ptr<shared_object> object,
          checked_descriptor checked);
  ~library();
  library(const library&) = delete;
  library& operator=(const library&) = delete;

  const scanhost_plugin& descriptor() const noexcept { return checked_.raw; }
  const config::description& description() const noexcept { return checked_.description; }
  const std::filesystem::path& file() const noexcept;  // the staged copy
  const std::string& sha256() const noexcept;
  void keep() noexcept;  // never unmap it

 private:
  std::unique_ptr<staged_file> copy_;
  std::unique_ptr<shared_object> object_;
  checked_descriptor checked_;
};

// Whether that staged copy is still mapped into this process, for a look after its library was closed.
bool still_mapped(const std::filesystem::path& staged);

}  // namespace scanhost::plugin
