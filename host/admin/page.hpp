// SPDX-License-Identifier: Apache-2.0
//
// The status page: the files of page/ in one text, so that it needs nothing from elsewhere.
#pragma once

#include <string_view>

namespace scanhost::admin {

std::string_view page() noexcept;

}  // namespace scanhost::admin
