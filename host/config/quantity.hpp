// SPDX-License-Identifier: Apache-2.0
//
// Numbers, durations and sizes as they are written in YAML, after the grammar of the SDK, with messages for
// people. Pure.
#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace scanhost::config {

// A value, or a sentence that says what is wrong with the text and how to write it.
using quantity = boost::system::result<std::int64_t, std::string>;

using real = boost::system::result<double, std::string>;

// "-12": digits with an optional minus, no leading zeros.
quantity parse_integer(std::string_view text);

// "1500ms", "1.5s", "2s", "5m", "1h", "7d", in ms; the unit is required. Not negative.
quantity parse_duration(std::string_view text);

// "300us", "0.3ms", "2ms", "1s", in us; the unit is required. Not negative.
quantity parse_latency(std::string_view text);

// "512", "512B", "64KiB", "1MiB", "2GiB", "64kB", "1MB", "2GB", in bytes. Not negative.
quantity parse_size(std::string_view text);

// "0.5", "3", "-1e-3"; finite.
real parse_real(std::string_view text);

// In the largest unit that gives a whole number: "1500ms", "2s", "7d".
std::string format_duration(base::milliseconds duration);
std::string format_latency(std::chrono::microseconds latency);
std::string format_size(std::int64_t bytes);

// The shortest text that parse_real() turns into the same number: "0.5", "3".
std::string format_real(double number);

// A text for a message: in quotes, truncated when long, unprintable bytes escaped.
std::string in_quotes(std::string_view text);

// The same without quotes where YAML needs none: a short word.
std::string as_in_yaml(std::string_view text);

}  // namespace scanhost::config
