// SPDX-License-Identifier: Apache-2.0
//
// Starting the child and waiting for it within the limit.
#include "plugin/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include "plugin/unique_fd.hpp"

extern char** environ;

namespace scanhost::plugin {
namespace {

constexpr auto program = "/proc/self/exe";
constexpr int plugin_fd = 3;       // in the child
constexpr int lowest_own_fd = 10;  // ours, above what the child's are moved to
constexpr std::size_t max_output_size = std::size_t{16} << 20;
constexpr std::size_t max_complaint_size = 64 * 1024;
constexpr std::size_t max_quote_size = 300;
constexpr base::milliseconds look_again{50};

struct pipe_ends {
  unique_fd read;
  unique_fd write;
};

// Nothing: out of descriptors.
std::optional<pipe_ends> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const unique_fd low_read(ends[0]), low_write(ends[1]);
  pipe_ends own_ends{unique_fd(::fcntl(ends[0], F_DUPFD_CLOEXEC, lowest_own_fd)),
                     unique_fd(::fcntl(ends[1], F_DUPFD_CLOEXEC, lowest_own_fd))};
  if (!own_ends.read || !own_ends.write) return {};
  ::fcntl(own_ends.read.get(), F_SETFL, O_NONBLOCK);
  return own_ends;
}

// With its own standard streams, the plugin's file and nothing else of ours.
class child_files {
 public:
  child_files(int plugin, int output, int complaints) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, complaints, STDERR_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, plugin, plugin_fd);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, plugin_fd + 1);
  }
  child_files(const child_files&) = delete;
  child_files& operator=(const child_files&) = delete;
  ~child_files() { ::posix_spawn_file_actions_destroy(&actions_); }
  const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// A process group of its own, so that all that a plugin starts ends with it, and default signals.
class child_attributes {
 public:
  child_attributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none, all_signals;
    ::sigemptyset(&none);
    ::sigfillset(&all_signals);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all_signals);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  child_attributes(const child_attributes&) = delete;
  child_attributes& operator=(const child_attributes&) = delete;
  ~child_attributes() { ::posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const noexcept { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// The environment, with the sanitizers of such a build told to leave signals alone: a crash is to end the
// child by its signal, as it does elsewhere.
std::vector<std::string> child_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
#ifdef SCANHOST_SANITIZED
  for (const std::string name : {"ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS="}) {
    const auto found = std::find_if(variables.begin(), variables.end(),
                                    [&](const auto& variable) { return variable.starts_with(name); });
    const auto before = found == variables.end() ? std::string() : found->substr(name.size()) + ":";
    if (found != variables.end()) variables.erase(found);
    variables.push_back(name + before +
                        "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0");
  }
#endif
  return variables;
}

class child {
 public:
  // 0, or why it could not be started.
  int start(std::vector<std::string> arguments, int plugin, int output, int complaints) {
    const child_files files(plugin, output, complaints);
    const child_attributes attributes;
    arguments.insert(arguments.begin(), "scanhost");
    auto variables = child_environment();
    return ::posix_spawn(&pid_, program, files.get(), attributes.get(), pointers(arguments).data(),
                         pointers(variables).data());
  }

  // Has it ended? Its status is then in `status`.
  bool ended(int& status) {
    if (pid_ <= 0) return true;
    const auto got = ::waitpid(pid_, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) return false;
    pid_ = -1;  // also when somebody else took the status (SIGCHLD ignored): it is gone
    return true;
  }

  // All that it started as well, as far as it stayed in the group.
  void kill_group() const noexcept {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
  }

  child() = default;
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    kill_group();
    while (pid_ > 0 && ::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> c_strings;
    for (auto& text : texts) c_strings.push_back(text.data());
    c_strings.push_back(nullptr);
    return c_strings;
  }

  pid_t pid_ = -1;
};

// Takes what is there; keeps the first or the last bytes. False at the end.
bool drain(int fd, std::string& out, std::size_t most, bool keep_last) {
  std::array<char, 16 * 1024> buffer{};
  for (;;) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    out.append(buffer.data(), static_cast<std::size_t>(got));
    if (out.size() <= most) continue;
    if (keep_last) {
      out.erase(0, out.size() - most);
    } else {
      out.resize(most);
    }
  }
}

std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  const auto start = text.rfind('\n');
  std::string line(start == std::string_view::npos ? text : text.substr(start + 1));
  if (line.size() > max_quote_size) line.resize(max_quote_size);
  for (auto& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return line;
}

// Until the child ended, or its time is over. Its pipes may stay open longer than it lives (a process that
// the plugin started has them), so that their ends are no sign.
child_ending wait_for(child& process, int output, int complaints, base::milliseconds limit) {
  child_ending ending;
  std::string complaint;
  const auto deadline = base::steady::now() + limit;
  std::array<pollfd, 2> fds{{{output, POLLIN, 0}, {complaints, POLLIN, 0}}};
  bool over = false;
  while (!over && !ending.timed_out) {
    ::poll(fds.data(), fds.size(), static_cast<int>(look_again.count()));
    over = process.ended(ending.wait_status);
    // After the look at the child, so that nothing it wrote before it ended is missed. A negative
    // descriptor is passed over by poll.
    if (fds[0].fd >= 0 && !drain(output, ending.output, max_output_size, false)) fds[0].fd = -1;
    if (fds[1].fd >= 0 && !drain(complaints, complaint, max_complaint_size, true)) fds[1].fd = -1;
    ending.timed_out = !over && base::steady::now() >= deadline;
  }
  if (ending.timed_out) process.kill_group();
  ending.complaint = last_line(complaint);
  return ending;
}

base::error not_started(const std::string& what, int number) {
  return {base::errc::os, what + ": " + std::generic_category().message(number) +
                              "; look at the limits of processes and open files of scanhost"};
}

}  // namespace

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return "was ended by " +
           (name == nullptr ? "signal " + std::to_string(WTERMSIG(status)) : "SIG" + std::string(name));
  }
  return "ended the process with exit code " + std::to_string(WEXITSTATUS(status));
}

base::result<child_ending> run_child(const std::vector<std::string>& arguments, int fd,
                                     base::milliseconds limit) {
  auto output = make_pipe();
  auto complaints = make_pipe();
  const unique_fd plugin(::fcntl(fd, F_DUPFD_CLOEXEC, lowest_own_fd));
  if (!output || !complaints || !plugin) return not_started("no pipe to it", errno);
  child process;
  if (const auto failed =
          process.start(arguments, plugin.get(), output->write.get(), complaints->write.get());
      failed != 0)
    return not_started(std::string("no process from ") + program, failed);
  output->write.reset();
  complaints->write.reset();
  return wait_for(process, output->read.get(), complaints->read.get(), limit);
}

}  // namespace scanhost::plugin
