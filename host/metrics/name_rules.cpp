// SPDX-License-Identifier: Apache-2.0
#include "metrics/name_rules.hpp"

#include <prometheus/check_names.h>

namespace scanhost::metrics {

bool valid_metric_name(std::string_view name) { return prometheus::CheckMetricName(std::string(name)); }

bool valid_label_name(std::string_view name) {
  // Not every version of the library refuses a colon or the reserved names.
  return name.find(':') == std::string_view::npos && !name.starts_with("__") &&
         prometheus::CheckLabelName(std::string(name));
}

std::string escaped_help(std::string_view help) {
  std::string line;
  for (const char c : help) {
    if (c == '\n')
      line += "\\n";
    else if (c == '\\')
      line += "\\\\";
    else
      line += c;
  }
  return line;
}

}  // namespace scanhost::metrics
