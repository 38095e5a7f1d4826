// SPDX-License-Identifier: Apache-2.0
//
// Puts a question about an item to scanners, gathers what they answer until a deadline, and gives one answer.
// On the io_context's thread, which never waits for a scanner.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include "admin/item_verdict.hpp"
#include "runner/roster.hpp"

namespace scanhost::admin {

inline constexpr base::milliseconds explain_patience{5'000};

// `done` is called once, on the io_context's thread, at the latest a moment after `explain_patience`: a
// scanner that has not answered by then has a problem instead of findings.
void ask_about_item(boost::asio::io_context& context,
                    const std::vector<runner::roster::scanner_ptr>& scanners, const std::string& item,
                    std::function<void(std::vector<scanner_explanation>)> done);

}  // namespace scanhost::admin
