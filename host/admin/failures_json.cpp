// SPDX-License-Identifier: Apache-2.0
#include "admin/failures_json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/escaped.hpp"
#include "base/json.hpp"
#include "config/quantity.hpp"

namespace scanhost::admin {
namespace {

using json = nlohmann::ordered_json;

constexpr int failures_version = 1;

json json_of(const runner::failing_item& failing) {
  return {{"scanner", failing.scanner},
          {"partition", base::escaped(failing.partition)},
          {"item", base::escaped(failing.item)},
          {"times", failing.times},
          {"since_ms", failing.since.time_since_epoch().count()},
          {"latest_ms", failing.latest.time_since_epoch().count()},
          {"last_message", base::escaped(failing.message)},
          {"in_back_off", failing.cycles_left > 0},
          {"next_try_ms", failing.next_try ? json(failing.next_try->time_since_epoch().count()) : json()}};
}

}  // namespace

base::result<std::size_t> parse_failure_limit(std::string_view text) {
  const auto number = config::parse_integer(text);
  if (number && *number >= 1 && *number <= static_cast<std::int64_t>(max_failures))
    return static_cast<std::size_t>(*number);
  return base::fail(base::errc::usage, fmt::format("limit: expected a number from 1 to {}, found {}",
                                                   max_failures, config::in_quotes(text)));
}

std::string failures_json(const runner::failure_list& list) {
  json object{{"version", failures_version}, {"failures", json::array()}};
  for (const auto& failing : list.items) object["failures"].push_back(json_of(failing));
  object["left_out"] = list.left_out;
  return base::json_line(object);
}

}  // namespace scanhost::admin
