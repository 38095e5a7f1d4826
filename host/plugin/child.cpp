// SPDX-License-Identifier: Apache-2.0
#include "plugin/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/errno_text.hpp"
#include "base/unique_fd.hpp"

namespace scanhost::plugin {
namespace {

using base::unique_fd;

constexpr auto own_program = "/proc/self/exe";
constexpr int plugin_fd = 3;    // in the child
constexpr int min_own_fd = 10;  // ours; those of the child are below
constexpr std::size_t max_output = std::size_t{16} << 20;
constexpr std::size_t max_complaint = std::size_t{64} * 1024;
constexpr std::size_t max_quote = 300;
constexpr base::milliseconds poll_period{50};

// Our own program, also when its file was replaced by another version. Under valgrind /proc/self/exe is
// valgrind itself, whatever the link says; then what the link says is our program.
std::string find_program() {
  std::error_code problem;
  const auto link = std::filesystem::read_symlink(own_program, problem);
  struct stat behind {
  }, named{};
  const bool valid = !problem && ::stat(own_program, &behind) == 0 && ::stat(link.c_str(), &named) == 0;
  const bool same = behind.st_dev == named.st_dev && behind.st_ino == named.st_ino;
  return valid && !same ? link.string() : own_program;
}

struct pipe_ends {
  unique_fd read;
  unique_fd write;
};

// Nothing: there are no descriptors left.
std::optional<pipe_ends> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const unique_fd low_read(ends[0]), low_write(ends[1]);
  pipe_ends ends_above{unique_fd(::fcntl(ends[0], F_DUPFD_CLOEXEC, min_own_fd)),
                       unique_fd(::fcntl(ends[1], F_DUPFD_CLOEXEC, min_own_fd))};
  if (!ends_above.read || !ends_above.write) return {};
  ::fcntl(ends_above.read.get(), F_SETFL, O_NONBLOCK);
  return ends_above;
}

// A file in memory, not a pipe: the child need not read it while we write. Empty: there are no descriptors
// left.
unique_fd input_file(const std::string& input) {
  const unique_fd low(::memfd_create("scanhost-input", MFD_CLOEXEC));
  for (std::size_t sent = 0; low && sent < input.size();) {
    const auto written = ::write(low.get(), input.data() + sent, input.size() - sent);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return {};
    sent += static_cast<std::size_t>(written);
  }
  if (low) ::lseek(low.get(), 0, SEEK_SET);
  return unique_fd(low ? ::fcntl(low.get(), F_DUPFD_CLOEXEC, min_own_fd) : -1);
}

// The child gets standard streams of its own, the plugin's file and no other descriptor.
class child_files {
 public:
  child_files(int plugin, int input, int output, int complaints) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
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

// The environment. In a build with sanitizers, they are told to leave signals alone, so that a crash ends the
// child by its signal as it does elsewhere.
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
  int start(std::vector<std::string> arguments, int plugin, int input, int output, int complaints) {
    const child_files files(plugin, input, output, complaints);
    const child_attributes attributes;
    arguments.insert(arguments.begin(), "scanhost");
    auto variables = child_environment();
    return ::posix_spawn(&pid_, find_program().c_str(), files.get(), attributes.get(),
                         pointers(arguments).data(), pointers(variables).data());
  }

  // True: it has ended, with this status.
  bool has_ended(int& status) {
    if (pid_ <= 0) return true;
    const auto got = ::waitpid(pid_, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) return false;
    pid_ = -1;  // also if its status was lost (SIGCHLD is ignored): it is gone
    return true;
  }

  // Together with all processes that it started, unless they left the group.
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
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (auto& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  pid_t pid_ = -1;
};

// Reads what is there; keeps the first or the last bytes. False at the end.
bool drain(int fd, std::string& text, std::size_t max_size, bool keep_last) {
  std::array<char, std::size_t{16} * 1024> buffer{};
  for (;;) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() <= max_size) continue;
    if (keep_last) {
      text.erase(0, text.size() - max_size);
    } else {
      text.resize(max_size);
    }
  }
}

std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  const auto start = text.rfind('\n');
  std::string line(start == std::string_view::npos ? text : text.substr(start + 1));
  if (line.size() > max_quote) line.resize(max_quote);
  for (auto& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return line;
}

// Waits until the child ended or its time is over. A process that the plugin started may keep the pipes open,
// so their end says nothing about the child.
child_ending wait_for(child& process, int output, int complaints, base::milliseconds limit) {
  child_ending ending;
  std::string complaint;
  const auto deadline = base::steady::now() + limit;
  std::array<pollfd, 2> fds{{{output, POLLIN, 0}, {complaints, POLLIN, 0}}};
  bool over = false;
  while (!over && !ending.timed_out) {
    ::poll(fds.data(), fds.size(), static_cast<int>(poll_period.count()));
    over = process.has_ended(ending.wait_status);
    // After checking the child, so that nothing it wrote before it ended is missed. poll skips a negative
    // descriptor.
    if (fds[0].fd >= 0 && !drain(output, ending.output, max_output, false)) fds[0].fd = -1;
    if (fds[1].fd >= 0 && !drain(complaints, complaint, max_complaint, true)) fds[1].fd = -1;
    ending.timed_out = !over && base::steady::now() >= deadline;
  }
  if (ending.timed_out) process.kill_group();
  ending.complaint = last_line(complaint);
  return ending;
}

base::error not_started(std::string_view problem, int number) {
  return {base::errc::os, fmt::format("{}: {}; check scanhost's limits on processes and open files", problem,
                                      base::errno_text(number))};
}

}  // namespace

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return name == nullptr ? fmt::format("was ended by signal {}", WTERMSIG(status))
                           : fmt::format("was ended by SIG{}", name);
  }
  return fmt::format("ended the process with exit code {}", WEXITSTATUS(status));
}

bool lacks_sanitizer_runtime(const child_ending& ending) noexcept {
  return ending.complaint.find("ASan runtime does not come first") != std::string::npos;
}

base::result<child_ending> run_child(const std::vector<std::string>& arguments, int fd,
                                     base::milliseconds limit, const std::string& input) {
  auto output = make_pipe();
  auto complaints = make_pipe();
  const unique_fd plugin(::fcntl(fd, F_DUPFD_CLOEXEC, min_own_fd));
  const auto given = input_file(input);
  if (!output || !complaints || !plugin || !given)
    return not_started("cannot open pipes to a child process", errno);
  child process;
  if (const auto failed =
          process.start(arguments, plugin.get(), given.get(), output->write.get(), complaints->write.get());
      failed != 0)
    return not_started(fmt::format("cannot start {}", find_program()), failed);
  output->write.reset();
  complaints->write.reset();
  return wait_for(process, output->read.get(), complaints->read.get(), limit);
}

}  // namespace scanhost::plugin
