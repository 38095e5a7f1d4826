// SPDX-License-Identifier: Apache-2.0
//
// Whether the host does what it is there for. Pure.
#pragma once

#include <string>
#include <vector>

#include "runner/record/status.hpp"

namespace scanhost::admin {

// Why a scanner does not do its work; the subject is the scanner. Empty: it does, or it rests or is paused as
// its operator wants it.
std::string reason_not_ready(const runner::scanner_status& scanner);

// "the server is out of memory: OOM command not allowed"; each state, or nothing.
std::string describe_troubles(const std::vector<runner::store_trouble>& troubles);

// Empty when every scanner has its connection and is in its first cycle or beyond; else why not, one
// reason a line. `of_the_host`: a reason that is no scanner's; empty: none.
std::vector<std::string> reasons_not_ready(const std::vector<runner::scanner_status>& scanners,
                                           const std::string& of_the_host);

}  // namespace scanhost::admin
