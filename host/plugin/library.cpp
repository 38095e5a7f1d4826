// SPDX-License-Identifier: Apache-2.0
//
// A plugin that is open: its copy, the mapping and the checked descriptor, undone in reverse order.
#include "plugin/library.hpp"

#include <fstream>

#include "plugin/descriptor.hpp"
#include "plugin/shared_object.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define SCANHOST_KEEPS_LIBRARIES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SCANHOST_KEEPS_LIBRARIES 1
#endif
#endif

namespace scanhost::plugin {
namespace {

class open_plugin final : public library {
 public:
  open_plugin(std::unique_ptr<staged_file> copy, std::unique_ptr<shared_object> object,
              checked_descriptor checked)
      : copy_(std::move(copy)), object_(std::move(object)), checked_(std::move(checked)) {
#ifdef SCANHOST_KEEPS_LIBRARIES
    keep();  // AddressSanitizer loses the frames and the leaks of code that is unmapped
#endif
  }

  const scanhost_plugin& descriptor() const noexcept override { return checked_.raw; }
  const config::description& description() const noexcept override { return checked_.description; }
  const std::filesystem::path& file() const noexcept override { return copy_->path(); }
  const std::string& sha256() const noexcept override { return copy_->sha256(); }
  void keep() noexcept override { object_->pin(); }

 private:
  std::unique_ptr<staged_file> copy_;
  std::unique_ptr<shared_object> object_;
  checked_descriptor checked_;
};

}  // namespace

load_result<std::unique_ptr<library>> open_library(std::unique_ptr<staged_file> copy, const elf_rules& rules,
                                                   std::string_view name) {
  const auto facts = read_elf(file_source(copy->fd()), name);
  if (!facts) return facts.error();
  if (auto problem = check_elf(*facts, rules, name)) return std::move(*problem);
  auto object = shared_object::open(copy->path(), name);
  if (!object) return object.error();
  auto checked = read_descriptor((*object)->entry()(), name);
  if (!checked) return checked.error();
  return std::make_unique<open_plugin>(std::move(copy), std::move(*object), std::move(*checked));
}

bool still_mapped(const std::filesystem::path& staged) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find(" " + staged.string()) != std::string::npos) return true;
  return false;
}

}  // namespace scanhost::plugin
