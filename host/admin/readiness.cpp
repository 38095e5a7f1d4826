// SPDX-License-Identifier: Apache-2.0
#include "admin/readiness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace scanhost::admin {
namespace {

std::string add_detail(std::string text, const std::string& detail) {
  if (!detail.empty()) text += ": " + detail;
  return text;
}

}  // namespace

std::string describe_troubles(const std::vector<runner::store_trouble>& troubles) {
  std::string text;
  for (const auto& trouble : troubles)
    text += fmt::format("{}the server {}: {}", text.empty() ? "" : "; ",
                        store::facts_of(trouble.state).sentence, trouble.text);
  return text;
}

std::string reason_not_ready(const runner::scanner_status& scanner) {
  using runner::scanner_state;
  if (scanner.blocked) return add_detail("is not started, since its build is blocked", scanner.last_error);
  if (scanner.paused) return {};  // as its operator wants it
  if (scanner.state == scanner_state::functions_missing)
    return fmt::format("misses {} on the server; run scanhost functions install",
                       scanner.waits_for ? scanner.waits_for->functions : "functions");
  const bool running = scanner.state == scanner_state::waiting || scanner.state == scanner_state::cycling ||
                       scanner.state == scanner_state::resting;
  if (!running && scanner.state != scanner_state::starting)
    return add_detail("is " + std::string(to_text(scanner.state)), scanner.last_error);
  if (!scanner.store.unreachable.empty())
    return add_detail(
        fmt::format("cannot reach all of its partitions: {}", fmt::join(scanner.store.unreachable, ", ")),
        scanner.store.last_error);
  if (scanner.store.state != store::connection_state::up)
    return add_detail("has no connection to the store", scanner.store.last_error);
  if (!scanner.store_troubles.empty())
    return "is kept from its work by the store: " + describe_troubles(scanner.store_troubles);
  if (scanner.state == scanner_state::starting) return "is starting";
  if (scanner.state == scanner_state::waiting && scanner.cycles == 0) return "has not begun its first cycle";
  if (!scanner.failing.empty()) return "fails with every command: " + scanner.failing;
  return {};
}

std::vector<std::string> reasons_not_ready(const std::vector<runner::scanner_status>& scanners,
                                           const std::string& of_the_host) {
  std::vector<std::string> reasons;
  if (!of_the_host.empty()) reasons.push_back(of_the_host);
  for (const auto& scanner : scanners)
    if (const auto reason = reason_not_ready(scanner); !reason.empty())
      reasons.push_back(scanner.name + " " + reason);
  return reasons;
}

}  // namespace scanhost::admin
