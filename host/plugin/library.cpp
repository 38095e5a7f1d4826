// SPDX-License-Identifier: Apache-2.0
#include "plugin/library.hpp"

#include <fstream>
#include <scanhost/detail/sanitizers.hpp>
#include <utility>

#include "plugin/elf.hpp"
#include "plugin/shared_object.hpp"
#include "plugin/staged_file.hpp"

namespace scanhost::plugin {

library::library(std::unique_ptr<staged_file> copy, std::unique_ptr<shared_object> object,
                 checked_descriptor checked)
    : copy_(std::move(copy)), object_(std::move(object)), checked_(std::move(checked)) {
  // AddressSanitizer loses the frames and the leaks of code that is unmapped.
  if (scanhost::detail::address_sanitizer) keep();
}

library::~library() = default;

const std::filesystem::path& library::file() const noexcept { return copy_->path(); }

const std::string& library::sha256() const noexcept { return copy_->sha256(); }

void library::keep() noexcept { object_->pin(); }

load_result<std::unique_ptr<library>> library::open(std::unique_ptr<staged_file> copy, const elf_rules& rules,
                                                    std::string_view name) {
  const auto facts = read_elf(file_source(copy->fd()), name);
  if (!facts) return facts.error();
  if (auto problem = check_elf(*facts, rules, name)) return std::move(*problem);
  auto object = shared_object::open(copy->path(), name);
  if (!object) return object.error();
  auto checked = read_descriptor((*object)->entry()(), name);
  if (!checked) return checked.error();
  return std::make_unique<library>(std::move(copy), std::move(*object), std::move(*checked));
}

bool still_mapped(const std::filesystem::path& staged) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find(" " + staged.string()) != std::string::npos) return true;
  return false;
}

}  // namespace scanhost::plugin
