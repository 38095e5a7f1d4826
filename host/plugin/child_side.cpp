// SPDX-License-Identifier: Apache-2.0
#include "plugin/child_side.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

namespace scanhost::plugin {

child_report::child_report() : out_(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10)) {
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
}

void child_report::say(std::string_view line) const noexcept {
  while (!line.empty()) {
    const auto written = ::write(out_.get(), line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

void bind_to_parent() noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

std::string one_line(std::string text) {
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text.empty() ? "no reason given" : text;
}

}  // namespace scanhost::plugin
