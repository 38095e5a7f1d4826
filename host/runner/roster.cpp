// SPDX-License-Identifier: Apache-2.0
#include "runner/roster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/escaped.hpp"
#include "config/suggestion.hpp"

namespace scanhost::runner {

std::string explain_unknown_scanner(std::string_view name, const std::vector<std::string>& known) {
  const auto near = config::nearest(name, known);
  return fmt::format("{}: no such scanner; {}", base::escaped(name),
                     near ? fmt::format("did you mean '{}'?", *near) : "see scanhost ctl status");
}

void roster::add(scanner_ptr scanner) {
  const std::lock_guard lock(mutex_);
  scanners_.push_back(std::move(scanner));
}

stop_outcome roster::remove(const scanner_ptr& scanner, base::steady_time deadline,
                            base::milliseconds grace) {
  scanner->request_stop();
  const auto outcome = scanner->join(deadline, grace);
  scanner->end_metrics();
  const std::lock_guard lock(mutex_);
  std::erase(scanners_, scanner);
  if (outcome == stop_outcome::stuck) stuck_.push_back(scanner);
  return outcome;
}

std::vector<roster::scanner_ptr> roster::scanners() const {
  const std::lock_guard lock(mutex_);
  return scanners_;
}

roster::scanner_ptr roster::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(scanners_.begin(), scanners_.end(),
                                  [&](const auto& scanner) { return scanner->name() == name; });
  return found == scanners_.end() ? nullptr : *found;
}

std::vector<scanner_status> roster::statuses() const {
  std::vector<scanner_status> statuses;
  for (const auto& scanner : scanners()) statuses.push_back(scanner->status());
  return statuses;
}

base::result<failure_list> roster::failures(std::string_view name, std::size_t max_items) const {
  if (!name.empty() && !find(name)) return base::fail(base::errc::usage, explain_unknown(name));
  failure_list all;
  for (const auto& scanner : scanners()) {
    if (!name.empty() && scanner->name() != name) continue;
    auto list = scanner->failures(max_items - all.items.size());
    std::ranges::move(list.items, std::back_inserter(all.items));
    all.left_out += list.left_out;
  }
  return all;
}

std::string roster::explain_unknown(std::string_view name) const {
  std::vector<std::string> known;
  for (const auto& scanner : scanners()) known.push_back(scanner->name());
  return explain_unknown_scanner(name, known);
}

std::vector<roster::scanner_ptr> roster::removed_stuck() const {
  const std::lock_guard lock(mutex_);
  return stuck_;
}

std::vector<std::shared_ptr<plan::server_functions>> roster::functions() const {
  std::vector<std::shared_ptr<plan::server_functions>> found;
  for (const auto& scanner : scanners()) {
    const auto functions = scanner->plan()->functions;
    if (functions && std::ranges::count(found, functions) == 0) found.push_back(functions);
  }
  return found;
}

}  // namespace scanhost::runner
