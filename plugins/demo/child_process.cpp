// SPDX-License-Identifier: Apache-2.0
#include "child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "ending.hpp"
#include "files.hpp"

namespace scanhost::demo {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds poll_interval{20};
constexpr int cannot_start = 127;

// In the child, where it can still ask to die with its parent: async-signal-safe calls only.
[[noreturn]] void become(char* const* arguments, int output, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(cannot_start);  // the parent ended before that
  ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execv(arguments[0], arguments);
  ::_exit(cannot_start);
}

}  // namespace

child_process::child_process(const std::vector<std::string>& arguments, const std::filesystem::path& output) {
  std::vector<char*> pointers(arguments.size() + 1);  // the last one stays null
  for (std::size_t at = 0; at < arguments.size(); ++at)
    pointers[at] = const_cast<char*>(arguments[at].c_str());
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out < 0) fail("{}: cannot be written: {}", output.string(), std::strerror(errno));
  const auto parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(pointers.data(), out, parent);
  const int reason = errno;
  ::close(out);
  if (pid_ < 0) fail("{}: cannot be started: {}", arguments.front(), std::strerror(reason));
}

bool child_process::reap(bool waiting) {
  if (exit_code_) return true;
  int status = 0;
  if (::waitpid(pid_, &status, waiting ? 0 : WNOHANG) == pid_)
    exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return exit_code_.has_value();
}

std::optional<int> child_process::wait(milliseconds patience) {
  const auto until = steady_clock::now() + patience;
  while (!reap(false)) {
    if (steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(poll_interval);
  }
  return exit_code_;
}

std::optional<int> child_process::stop(milliseconds patience) {
  if (reap(false)) return exit_code_;
  ::kill(pid_, SIGTERM);
  if (auto code = wait(patience)) return code;
  ::kill(pid_, SIGKILL);
  while (!reap(true) && errno == EINTR) continue;
  return std::nullopt;
}

void wait_until_ready(child_process& program, const std::string& name, const std::filesystem::path& log,
                      milliseconds patience, const std::function<bool()>& ready) {
  const auto until = steady_clock::now() + patience;
  while (!interrupted() && !ready()) {
    if (const auto code = program.wait({}))
      fail("{} ended with exit code {}; its log ends with:\n{}", name, *code, tail_of(log));
    if (steady_clock::now() > until)
      fail("{} does not become ready; its log ends with:\n{}", name, tail_of(log));
    rest(poll_interval);
  }
}

}  // namespace scanhost::demo
