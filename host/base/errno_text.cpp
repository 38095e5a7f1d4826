// SPDX-License-Identifier: Apache-2.0
#include "base/errno_text.hpp"

#include <system_error>

namespace scanhost::base {

std::string errno_text(int number) { return std::generic_category().message(number); }

}  // namespace scanhost::base
