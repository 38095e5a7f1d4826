// SPDX-License-Identifier: Apache-2.0
#include "bench/host_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

extern char** environ;

namespace scanhost::bench {
namespace {

pid_t spawn(const host_paths& paths, std::vector<std::string> arguments, int standard_output) {
  arguments.insert(arguments.begin(), paths.program.string());
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (standard_output >= 0) posix_spawn_file_actions_adddup2(&actions, standard_output, STDOUT_FILENO);
  pid_t pid = -1;
  const int problem = posix_spawn(&pid, paths.program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) throw std::runtime_error(fmt::format("cannot start {}", paths.program.string()));
  return pid;
}

void wait_for_zero(pid_t pid, const std::string& what) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error(fmt::format("{} ended with status {:#x}", what, status));
}

std::vector<pid_t> threads_of(pid_t pid) {
  std::vector<pid_t> ids;
  for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid)))
    ids.push_back(std::stoi(task.path().filename()));
  return ids;
}

pid_t find_thread(pid_t pid, std::string_view name) {
  for (const auto id : threads_of(pid)) {
    std::string found;
    std::ifstream(fmt::format("/proc/{}/task/{}/comm", pid, id)) >> found;
    if (found == name) return id;
  }
  return -1;
}

void set_idle(pid_t thread) {
  const sched_param none{};
  if (sched_setscheduler(thread, SCHED_IDLE, &none) != 0 && errno != ESRCH)  // it may have ended
    throw std::runtime_error("the host cannot be given the policy SCHED_IDLE");
}

}  // namespace

host_config::host_config(const host_paths& paths, const std::string& url,
                         const std::vector<std::pair<std::string, std::string>>& scanners,
                         const std::string& more) {
  auto pattern = (std::filesystem::temp_directory_path() / "scanhost-bench-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  folder_ = pattern;
  file_ = folder_ / "scanhost.yaml";
  std::ofstream out(file_);
  out << fmt::format("store: {{url: \"{}\"}}\nplugins: {{path: [\"{}\"], staging: \"{}\"}}\n{}scanners:\n",
                     url, paths.plugins.string(), (folder_ / "staging").string(), more);
  for (const auto& [name, keys] : scanners) out << fmt::format("  {}: {{{}}}\n", name, keys);
}

host_config::~host_config() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string run_host(const host_paths& paths, const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  const auto pid = spawn(paths, arguments, ends[1]);
  close(ends[1]);
  std::string printed;
  std::array<char, 65536> buffer{};
  for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;)
    printed.append(buffer.data(), static_cast<std::size_t>(got));
  close(ends[0]);
  wait_for_zero(pid, "scanhost " + arguments.front());
  return printed;
}

host_service::host_service(const host_paths& paths, const host_config& config)
    : pid_(spawn(paths, {"run", "--log-level", "error", "--config", config.file().string()}, -1)) {}

host_service::~host_service() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

// The sum over all threads, in nanoseconds, which is finer than the ticks of /proc/PID/stat.
double host_service::cpu_seconds() const {
  double nanoseconds = 0;
  for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid_))) {
    double on_cpu = 0;
    std::ifstream(task.path() / "schedstat") >> on_cpu;
    nanoseconds += on_cpu;
  }
  return nanoseconds / 1e9;
}

double host_service::rss_mib() const { return memory_mib("VmRSS:"); }
double host_service::peak_rss_mib() const { return memory_mib("VmHWM:"); }

double host_service::memory_mib(std::string_view name) const {
  std::ifstream status(fmt::format("/proc/{}/status", pid_));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::atof(line.c_str() + name.size()) / 1024;
  throw std::runtime_error("the host has exited");
}

// Threads take this over from the one that starts them; its first thread has hardly begun.
void host_service::run_when_idle() { set_idle(pid_); }

void host_service::run_when_idle_but(std::string_view thread, const cpu_set_t& cores) {
  using namespace std::chrono_literals;
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  pid_t found = -1;
  while ((found = find_thread(pid_, thread)) < 0) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error(fmt::format("the host has no thread {}", thread));
    std::this_thread::sleep_for(1ms);
  }
  for (const auto id : threads_of(pid_))
    if (id != found) set_idle(id);
  if (sched_setaffinity(found, sizeof cores, &cores) != 0)
    throw std::runtime_error(fmt::format("the host's thread {} cannot be moved", thread));
}

void host_service::pause() const noexcept { kill(pid_, SIGSTOP); }

void host_service::resume() const noexcept { kill(pid_, SIGCONT); }

void host_service::stop() {
  kill(pid_, SIGTERM);
  wait_for_zero(std::exchange(pid_, -1), "scanhost run");
}

}  // namespace scanhost::bench
