// SPDX-License-Identifier: Apache-2.0
//
// What a child process does in which a plugin is tried out.
#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace scanhost::plugin {

// The report goes where standard output went; what the plugin prints goes to standard error.
class child_report {
 public:
  child_report();
  void say(std::string_view line) const noexcept;  // does nothing if the parent is gone
  int fd() const noexcept { return out_.get(); }

 private:
  base::unique_fd out_;
};

// Ends the child with its parent, and without a core dump: a plugin that hangs must not outlive the host, and
// one that crashes must not fill a disk.
void bind_to_parent() noexcept;

// A text of a plugin as one line; never empty.
std::string one_line(std::string text);

}  // namespace scanhost::plugin
