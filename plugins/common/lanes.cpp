// SPDX-License-Identifier: Apache-2.0
#include "common/lanes.hpp"

#include <algorithm>

#include "common/keys.hpp"

namespace ff {
namespace {

constexpr std::string_view automatic = "auto";
constexpr std::string_view default_lane = "default";
constexpr std::size_t max_lanes = 65'535;

}  // namespace

scanhost::option lanes_option() {
  return {
      .name = "lanes",
      .type = scanhost::option_type::text_list,
      .help =
          "the lanes that are swept, in this order; executions of other lanes are left alone; auto among them: also those that the engine's servers have announced",
      .minimum = 1,
      .maximum = max_lanes,
      .default_values = {std::string(default_lane)}};
}

lanes::lanes(const std::vector<std::string>& configured) {
  for (const auto& name : configured)
    if (name == automatic)
      automatic_ = true;
    else
      add(name);
  if (names_.empty()) add(default_lane);
}

scanhost::task<void> lanes::refresh(scanhost::scan_context& scan, tally& counts) {
  if (!automatic_) co_return;
  co_await announced_.get(scan, [&](scanhost::scan_context& first) { return read_announced(first, counts); });
}

scanhost::task<lanes::announced> lanes::read_announced(scanhost::scan_context& scan, tally& counts) {
  scanhost::batch read;
  read.add("SMEMBERS", lanes_key).route(std::string(lanes_key));
  const auto answers = co_await scan.execute(std::move(read));
  const auto names = answers[0];
  if (names.cancelled())
    counts.cancel();
  else if (!names.ok())
    counts.add_error("reading the announced lanes", names);
  for (std::size_t i = 0; i < names.reply().size(); ++i) add(names[i].text());
  co_return announced{};
}

bool lanes::contains(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

void lanes::add(std::string_view name) {
  if (names_.size() < max_lanes && !contains(name)) names_.emplace_back(name);
}

}  // namespace ff
