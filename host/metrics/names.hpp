// SPDX-License-Identifier: Apache-2.0
//
// What the text exposition format allows. Pure.
#pragma once

#include <string>
#include <string_view>

namespace scanhost::metrics {

// [a-zA-Z_:][a-zA-Z0-9_:]*
bool valid_metric_name(std::string_view name) noexcept;

// [a-zA-Z_][a-zA-Z0-9_]*, not one of those that begin with "__", which Prometheus keeps for itself.
bool valid_label_name(std::string_view name) noexcept;

// A help text as it may stand on its one line.
std::string escaped_help(std::string_view help);

}  // namespace scanhost::metrics
