// SPDX-License-Identifier: Apache-2.0
//
// What every child process does in which a plugin is tried out.
#pragma once

#include <string>
#include <string_view>

#include "plugin/unique_fd.hpp"

namespace scanhost::plugin {

// The report goes where standard output went; what the plugin prints goes to standard error.
class child_report {
 public:
  child_report();
  void say(std::string_view line) const noexcept;  // nothing happens when the parent is gone
  int fd() const noexcept { return out_.get(); }

 private:
  unique_fd out_;
};

// A plugin that hangs must not outlive the host, nor one that crashes fill a disk.
void bind_to_parent() noexcept;

// A text of the plugin's as one line; never empty.
std::string one_line(std::string text);

}  // namespace scanhost::plugin
