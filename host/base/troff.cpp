// SPDX-License-Identifier: Apache-2.0
#include "base/troff.hpp"

namespace scanhost::base {

std::string troff_line(std::string_view text) {
  std::string result;
  // A line that begins with a dot or an apostrophe would be a request.
  if (text.starts_with('.') || text.starts_with('\'')) result += "\\&";
  for (const char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else if (c == '\'')
      result += "\\(aq";
    else
      result += c;
  }
  return result;
}

}  // namespace scanhost::base
