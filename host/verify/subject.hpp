// SPDX-License-Identifier: Apache-2.0
//
// The plugin that is open in a check's child.
#pragma once

#include <memory>

#include "plugin/descriptor.hpp"
#include "plugin/shared_object.hpp"
#include "verify/check.hpp"
#include "verify/trial.hpp"

namespace scanhost::verify {

struct subject {
  std::unique_ptr<plugin::shared_object> object;
  plugin::checked_descriptor plugin;
  std::size_t threads;  // there were, before it was opened

  subject(std::unique_ptr<plugin::shared_object> open, plugin::checked_descriptor checked,
          std::size_t before) noexcept
      : object(std::move(open)), plugin(std::move(checked)), threads(before) {}
  subject(subject&&) noexcept = default;
  subject& operator=(subject&&) noexcept = default;
  ~subject() { close(); }

  // Not under threads of its that still run, which would crash: `unload` is the check that tells of them.
  void close() noexcept;
};

// Opens and describes; what is wrong is told and ends the check.
subject open_subject(child_task& task);

// A store with something everywhere, and three pages of each pass.
behaviour usual(const config::description& plugin);

// One life with one cycle.
void live_once(const plugin::checked_descriptor& plugin, reply_memory& memory, witness& tells);

}  // namespace scanhost::verify
