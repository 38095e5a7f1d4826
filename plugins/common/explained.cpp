// SPDX-License-Identifier: Apache-2.0
#include "common/explained.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "common/ids.hpp"
#include "common/keys.hpp"
#include "common/tally.hpp"

namespace ff {

using scanhost::standing;

std::uint32_t partition_of_item(std::string_view item, std::uint32_t count) noexcept {
  const auto id = parse_uuid(item);
  return id && count > 0 ? partition_of(*id, count) : 0;
}

scanhost::finding unreadable(std::string_view what, const scanhost::outcome& outcome, std::string index) {
  const bool other_type = outcome.error_code() == "WRONGTYPE";
  return {.where = other_type ? standing::malformed : standing::unknown,
          .reason = joined(what, ": ", other_type ? "its key holds another type" : cause(outcome)),
          .index = std::move(index)};
}

std::optional<double> score_of(const scanhost::reply& text) noexcept {
  if (!text.is_text() || text.text().empty()) return std::nullopt;
  const std::string digits(text.text());
  char* end = nullptr;
  const double score = std::strtod(digits.c_str(), &end);
  return end == digits.c_str() + digits.size() && std::isfinite(score) ? std::optional(score) : std::nullopt;
}

scanhost::timestamp due_at(double score) noexcept {
  constexpr double farthest = 9.0e15;
  return scanhost::from_ms(static_cast<std::int64_t>(std::ceil(std::clamp(score, -farthest, farthest))));
}

scanhost::task<std::string> read_state(scanhost::scan_context& scan, const std::string& id) {
  scanhost::command read("HMGET", execution_keys(scan.tag(), id).core(), "lifecycle_phase",
                         "eligibility_state");
  const auto answers = co_await scan.execute(std::move(read));
  const auto core = answers.front();
  if (!core.ok()) co_return joined("its record cannot be read: ", cause(core));
  if (core[0].is_nil() && core[1].is_nil()) co_return "there is no such execution";
  auto text = joined("the execution is ", printable(core[0].text()));
  if (!core[1].text().empty()) text += joined(", ", printable(core[1].text()));
  co_return text;
}

scanhost::finding found(standing where, std::string reason, std::string index) {
  return {.where = where, .reason = std::move(reason), .index = std::move(index)};
}

}  // namespace ff
