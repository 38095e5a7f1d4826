// SPDX-License-Identifier: Apache-2.0
#include "plugin/system_libraries.hpp"

#include <fmt/format.h>
#include <link.h>

#include <algorithm>
#include <array>
#include <version>

namespace scanhost::plugin {
namespace {

constexpr std::array system_stems{"libc",       "libm",     "libmvec",         "libdl",
                                  "libpthread", "librt",    "libresolv",       "libutil",
                                  "libanl",     "libgcc_s", "libBrokenLocale", "libatomic"};

#ifdef _LIBCPP_VERSION
constexpr std::array own_runtime{"libc++", "libc++abi", "libunwind"};
constexpr std::array foreign_runtimes{"libstdc++", "libcxxrt", "libstlport"};
constexpr auto own_runtime_name = "libc++";
#else
constexpr std::array own_runtime{"libstdc++"};
constexpr std::array foreign_runtimes{"libc++", "libc++abi", "libc++_shared", "libcxxrt", "libstlport"};
constexpr auto own_runtime_name = "libstdc++";
#endif

std::string_view stem_of(std::string_view library) noexcept { return library.substr(0, library.find(".so")); }

template <std::size_t count>
bool contains(const std::array<const char*, count>& names, std::string_view name) noexcept {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool belongs_to_a_sanitizer([[maybe_unused]] std::string_view stem) noexcept {
#ifdef SCANHOST_SANITIZED
  for (const std::string_view runtime : {"libasan", "libubsan", "libtsan", "liblsan"})
    if (stem == runtime) return true;
#endif
  return false;
}

}  // namespace

bool is_system_library(std::string_view needed) noexcept {
  const auto stem = stem_of(needed);
  if (stem.starts_with("ld-linux") || stem == "ld64") return true;
  return !is_foreign_runtime(needed) &&
         (contains(system_stems, stem) || contains(own_runtime, stem) || belongs_to_a_sanitizer(stem));
}

// LLVM's unwinder has the version 1; libunwind.so.8 is a library that reads stacks, and throws nothing.
bool is_foreign_runtime(std::string_view needed) noexcept {
  const auto stem = stem_of(needed);
  if (contains(foreign_runtimes, stem)) return true;
  if (stem == "libstdc++") return needed != "libstdc++.so.6";
  return needed == "libunwind.so.1" && !contains(own_runtime, stem);
}

std::optional<std::string> loaded_foreign_runtime() {
  std::optional<std::string> found;
  ::dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void* to) {
        const std::string_view path(object->dlpi_name == nullptr ? "" : object->dlpi_name);
        const auto name = path.substr(path.rfind('/') + 1);
        if (!is_foreign_runtime(name)) return 0;
        *static_cast<std::optional<std::string>*>(to) = name;
        return 1;
      },
      &found);
  return found;
}

std::string refuse_foreign_runtime(std::string_view needed) {
  return fmt::format(
      "needs {}, a C++ runtime besides the host's own ({}), so an exception that the plugin throws could end the host; build the plugin and the libraries that it links with -stdlib={}, which plugins.allow_needed cannot replace",
      needed, own_runtime_name, own_runtime_name);
}

}  // namespace scanhost::plugin
