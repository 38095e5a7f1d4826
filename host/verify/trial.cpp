// SPDX-License-Identifier: Apache-2.0
#include "verify/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <type_traits>
#include <vector>

#include "base/escaped.hpp"

namespace scanhost::verify {
namespace {

constexpr std::uint32_t max_partitions = 4;
constexpr std::size_t max_explained = 4;  // items of a partition

// What an operator may type, or a script may send.
std::vector<std::string> odd_items() {
  return {"", "?", std::string(1, '\0'), "\xff\xfe \n", "{", "{}", "{{a}}:b", "0123", "nobody",
          // An id as many have them, which no index of the store offers.
          "6ba7b810-9dad-11d1-80b4-00c04fd430c8", std::string(70'000, 'x')};
}

std::string shown_item(const std::string& item) {
  constexpr std::size_t max_shown = 60;
  return base::escaped(item.substr(0, max_shown)) + (item.size() > max_shown ? "..." : "");
}

}  // namespace

trial::trial(const subject_plugin& plugin, behaviour how, reply_memory& memory, witness& reports)
    : plugin_(plugin), host_(plugin_, std::move(how), memory, reports), reports_(reports) {}

template <class Call>
auto trial::inside(const std::string& step, Call call) {
  reports_.step(step);
  try {
    return call();
  } catch (const std::exception& thrown) {
    reports_.found(fault::exception, "it threw an exception: " + plugin::one_line(thrown.what()));
    reports_.end();
  } catch (...) {
    reports_.found(fault::exception, "it threw something that is not a std::exception");
    reports_.end();
  }
}

void trial::check_create() {
  const auto status = host_.create_status();
  if (status == SCANHOST_OK) return;
  const auto message = plugin::one_line(host_.create_error());
  const auto& option = host_.refused_option();
  const auto what =
      status == SCANHOST_BAD_OPTIONS
          ? fmt::format(
                "create refuses the option '{0}': {1}; give it a value with --option {0}=VALUE, or with --config FILE --scanner NAME",
                option, message)
          : fmt::format("create returned {}: {}; it must succeed with these options and without a store",
                        status, message);
  reports_.found(plugin::load_error{plugin::refusal::create_failed, what}, {});
  reports_.end();
}

void trial::create() {
  inside("in its create", [&] { host_.create(); });
  check_create();
}

void trial::begin_cycle() {
  host_.begin_round();
  const auto scan = inside("in its begin_cycle", [&] { return host_.start_begin_cycle(); });
  if (scan) run();
}

void trial::end_cycle() {
  const auto scan = inside("in its end_cycle", [&] { return host_.start_end_cycle(); });
  if (scan) run();
}

void trial::start(std::uint32_t index, std::uint32_t flags) {
  if (index >= host_.partitions()) return;  // a listed family without members
  inside("in its scan of " + host_.tag_of(index), [&] { host_.start(index, flags); });
}

bool trial::step() {
  return inside("in a callback", [&] { return host_.step(); });
}

void trial::run() {
  while (step()) {
  }
  host_.look_for_unfinished();
}

void trial::destroy() {
  inside("in its destroy", [&] { host_.destroy(); });
  reports_.step("");
}

void trial::begin_scans(std::uint32_t flags) {
  if (host_.partitions() == 0) begin_cycle();  // its members are not known yet
  const auto partitions = std::min(host_.partitions(), max_partitions);
  for (std::uint32_t index = 0; index < partitions; ++index) {
    start(index, flags);
    if (plugin_.description.serial) run();  // one at a time
  }
}

void trial::cycle(std::uint32_t flags) {
  const bool early = (flags & SCANHOST_VISIT_EARLY) != 0;
  if (early)
    host_.begin_round();
  else
    begin_cycle();
  begin_scans(flags);
  run();
  if (!early) end_cycle();
}

void trial::explain(const std::string& item, std::uint32_t index) {
  if (index >= host_.partitions()) return;
  const auto step = "while it explains an item in " + host_.tag_of(index);
  inside(step, [&] { host_.find_partition(item); });
  const auto scan = inside(step, [&] { return host_.start_explain(item, index); });
  if (!scan) return;
  run();
  const auto report = host_.report(*scan);
  if (report.failed)
    reports_.found(fault::bad_explanation, fmt::format("the explanation of '{}' ends with fail: {}",
                                                       shown_item(item), plugin::one_line(report.failure)));
}

void trial::explain_items() {
  for (const auto& item : odd_items()) explain(item, 0);
  const auto acted_on = host_.sent().acted_on();
  const auto partitions = std::min(host_.partitions(), max_partitions);
  for (std::uint32_t index = 0; index < partitions; ++index) {
    const auto found = acted_on.find(host_.tag_of(index));
    if (found == acted_on.end()) continue;
    for (std::size_t i = 0; i < std::min(found->second.size(), max_explained); ++i)
      explain(found->second[i], index);
  }
}

}  // namespace scanhost::verify
