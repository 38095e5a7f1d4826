// SPDX-License-Identifier: Apache-2.0
//
// The plugin that is open in the child process of a check.
#pragma once

#include <memory>

#include "plugin/descriptor.hpp"
#include "plugin/shared_object.hpp"
#include "verify/check.hpp"
#include "verify/trial.hpp"

namespace scanhost::verify {

struct subject {
  std::unique_ptr<plugin::shared_object> object;
  subject_plugin plugin;
  std::size_t threads;  // of the process before it was opened

  subject(std::unique_ptr<plugin::shared_object> open, subject_plugin read, std::size_t before) noexcept
      : object(std::move(open)), plugin(std::move(read)), threads(before) {}
  subject(subject&&) noexcept = default;
  subject& operator=(subject&&) noexcept = default;
  ~subject() { close(); }

  // Not while threads of the plugin still run, which would crash; the check `unload` reports those.
  void close() noexcept;
};

// Opens the plugin and reads its descriptor; a failure is reported and ends the check.
subject open_subject(child_task& task);

// A store with data, and three pages of each pass.
behaviour usual(const config::description& plugin);

// Opens the plugin and runs `play(plugin, memory)`.
template <class Play>
void with_plugin(child_task& task, Play play) {
  auto subject = open_subject(task);
  reply_memory memory;
  task.reports.watch(&memory);
  play(subject.plugin, memory);
  task.reports.step("while it is closed, in its destructors");
  subject.close();
}

// Creates an instance, runs one cycle, and destroys it.
void live_once(const subject_plugin& plugin, reply_memory& memory, witness& reports);

}  // namespace scanhost::verify
