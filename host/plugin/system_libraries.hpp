// SPDX-License-Identifier: Apache-2.0
//
// Which shared libraries a plugin may need without anybody's word: the C library's parts and the C++ runtime
// that the host itself uses. Another C++ runtime is never allowed: the process would have two, a thrown
// exception would start in one and be caught in the other, and that ends the host.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scanhost::plugin {

// `needed` is a name as in DT_NEEDED ("libm.so.6").
bool is_system_library(std::string_view needed) noexcept;

// A C++ runtime, or a part of one, that is not the host's own ("libc++.so.1").
bool is_foreign_runtime(std::string_view needed) noexcept;

// The name of a foreign runtime that this process has loaded by now, if any.
std::optional<std::string> loaded_foreign_runtime();

// Why a plugin that needs this runtime is refused, and what to do. `needed` may name several.
std::string refuse_foreign_runtime(std::string_view needed);

}  // namespace scanhost::plugin
