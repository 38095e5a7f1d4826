// SPDX-License-Identifier: Apache-2.0
//
// fork and exec rather than posix_spawn: only between the two can a child ask to die with its parent.
#include "child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "problem.hpp"

namespace scanhost::demo {
namespace {

constexpr std::chrono::milliseconds glance{20};
constexpr int cannot_start = 127;

// In the child: async-signal-safe calls only.
[[noreturn]] void become(char* const* arguments, int output, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(cannot_start);  // the parent ended before it could be asked for
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execv(arguments[0], arguments);
  ::_exit(cannot_start);
}

int code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

child::child(const std::vector<std::string>& arguments, const std::filesystem::path& output) {
  std::vector<std::string> words(arguments);
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out < 0) throw problem(output.string() + ": cannot be written: " + std::strerror(errno));
  const auto parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(pointers.data(), out, parent);
  const int reason = errno;
  ::close(out);
  if (pid_ < 0) throw problem(arguments.front() + ": cannot be started: " + std::strerror(reason));
}

child::~child() {
  if (running()) stop(std::chrono::seconds(5));
}

bool child::reap(int flags) {
  if (ended_) return true;
  int status = 0;
  const auto who = ::waitpid(pid_, &status, flags);
  if (who == pid_) ended_ = code_of(status);
  return ended_.has_value();
}

bool child::running() { return !reap(WNOHANG); }

std::optional<int> child::wait(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!reap(WNOHANG)) {
    if (std::chrono::steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(glance);
  }
  return ended_;
}

std::optional<int> child::stop(std::chrono::milliseconds patience) {
  if (!running()) return ended_;
  ::kill(pid_, SIGTERM);
  if (auto code = wait(patience)) return code;
  ::kill(pid_, SIGKILL);
  while (!reap(0) && errno == EINTR) continue;
  return std::nullopt;
}

}  // namespace scanhost::demo
