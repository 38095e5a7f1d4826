// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers of the control socket as they travel: each one line of JSON,
// {"command": "reload", "arguments": ["sweeper"]} and {"code": 0, "message": "...", "data": "..."}. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "admin/control.hpp"
#include "base/error.hpp"

namespace scanhost::admin {

// Bytes of a request, its newline included.
inline constexpr std::size_t max_request_size = std::size_t{64} * 1024;
// Answers carry the status of every scanner with its history; this is what a client still takes.
inline constexpr std::size_t max_answer_size = std::size_t{16} * 1024 * 1024;

// With the newline. What is no UTF-8 is replaced.
std::string to_line(const control_request& request);
std::string to_line(const control_answer& answer);

// Of a line without its newline. Keys that are not known are passed over.
base::result<control_request> read_request(std::string_view line);
base::result<control_answer> read_answer(std::string_view line);

}  // namespace scanhost::admin
