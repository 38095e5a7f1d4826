// SPDX-License-Identifier: Apache-2.0
//
// The status page: the files of page/ in one text, so that it needs nothing from elsewhere.
#pragma once

#include <span>
#include <string_view>

#include "base/embedded_file.hpp"

namespace scanhost::admin {

// Thread safe. Lives as long as the program.
std::string_view page();

// The files that it is made of; generated at build time.
std::span<const base::embedded_file> page_files() noexcept;

}  // namespace scanhost::admin
