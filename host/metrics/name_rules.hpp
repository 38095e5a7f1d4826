// SPDX-License-Identifier: Apache-2.0
//
// What Prometheus' text format allows; the only place that knows. Pure.
#pragma once

#include <string>
#include <string_view>

namespace scanhost::metrics {

// [a-zA-Z_:][a-zA-Z0-9_:]*
bool valid_metric_name(std::string_view name);

// [a-zA-Z_][a-zA-Z0-9_]*, but not beginning with "__", which is reserved for Prometheus itself.
bool valid_label_name(std::string_view name);

// A help text escaped so that it fits on its one line.
std::string escaped_help(std::string_view help);

}  // namespace scanhost::metrics
