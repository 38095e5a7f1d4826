// SPDX-License-Identifier: Apache-2.0
#include "verify/subject.hpp"

#include "config/option_value.hpp"
#include "verify/process_state.hpp"

namespace scanhost::verify {
namespace {

constexpr std::uint32_t pages_of_a_pass = 3;

const scanhost_plugin* enter(const plugin::shared_object& object, witness& reports) {
  try {
    return object.entry()();
  } catch (...) {
    reports.found(fault::exception, "it threw an exception");
    reports.end();
  }
}

// So that a plugin can be checked without a configuration of it.
config::option_values with_invented(const config::description& plugin, config::option_values values) {
  for (const auto& option : plugin.options)
    if (option.required && !values.contains(option.name))
      values.emplace(option.name, config::invent_value(option));
  return values;
}

}  // namespace

subject open_subject(child_task& task) {
  const auto threads = count_threads();
  task.reports.step("while it is opened, in its constructors");
  auto object = plugin::shared_object::open(task.file, task.name);
  if (!object) {
    task.reports.found(object.error(), task.name);
    task.reports.end();
  }
  task.reports.step("in " SCANHOST_ENTRY_SYMBOL);
  const auto* given = enter(**object, task.reports);
  if (enter(**object, task.reports) != given)
    task.reports.found(fault::entry_changes, "its entry returns another descriptor when it is called again");
  auto plugin = plugin::read_descriptor(given, task.name);
  if (!plugin) {
    task.reports.found(plugin.error(), task.name);
    task.reports.end();
  }
  task.reports.step("");
  auto values = with_invented(plugin->description, task.values);
  return {std::move(*object), {std::move(*plugin), std::move(values), task.store}, threads};
}

void subject::close() noexcept {
  if (object && count_threads() > threads) object->pin();
  object.reset();
}

behaviour usual(const config::description& plugin) {
  behaviour how;
  how.turns = [size = plugin.default_page_size](std::uint32_t page) {
    return page < pages_of_a_pass ? size : 0;
  };
  return how;
}

void live_once(const subject_plugin& plugin, reply_memory& memory, witness& reports) {
  trial life(plugin, usual(plugin.description), memory, reports);
  life.create();
  life.cycle();
  life.destroy();
}

}  // namespace scanhost::verify
