// SPDX-License-Identifier: Apache-2.0
#include "base/thread.hpp"

#include <time.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "base/alternate_stack.hpp"

namespace scanhost::base {

namespace {

constexpr std::size_t stack_size = std::size_t{1} << 20;
constexpr std::size_t max_name_length = 15;  // the kernel's limit

constexpr int looks_for_others = 20;
constexpr std::chrono::milliseconds between_looks{5};

// The kernel's numbers of the threads that this file started and that run.
class own_threads {
 public:
  void add(pid_t id) {
    const std::lock_guard lock(mutex_);
    ids_.insert(id);
  }
  void remove(pid_t id) {
    const std::lock_guard lock(mutex_);
    ids_.erase(id);
  }
  bool has(pid_t id) const {
    const std::lock_guard lock(mutex_);
    return ids_.contains(id);
  }

 private:
  mutable std::mutex mutex_;
  std::set<pid_t> ids_;
};

// Never destroyed: a thread that hangs may end while the process already does.
own_threads& ours() {
  static own_threads& threads = *std::make_unique<own_threads>().release();
  return threads;
}

bool others_bear(const std::string& name) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    const auto digits = entry.path().filename().string();
    pid_t id = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), id);
    std::string found;
    std::ifstream file(entry.path() / "comm");
    if (std::getline(file, found) && found == name && !ours().has(id)) return true;
  }
  return false;
}

struct task {
  std::string name;
  std::function<void()> body;
};

void* run(void* raw) {
  const std::unique_ptr<task> mine(static_cast<task*>(raw));
  pthread_setname_np(pthread_self(), mine->name.c_str());
  const auto id = ::gettid();
  ours().add(id);
  {
    const alternate_stack for_signals;
    mine->body();
  }
  ours().remove(id);
  return nullptr;
}

}  // namespace

thread::~thread() {
  if (started_) pthread_detach(handle_);
}

void thread::start(const std::string& name, std::function<void()> body) {
  name_ = name.substr(0, max_name_length);
  auto mine = std::make_unique<task>(task{name_, std::move(body)});
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_size);
  const int problem = pthread_create(&handle_, &attributes, &run, mine.get());
  pthread_attr_destroy(&attributes);
  if (problem != 0)
    throw std::system_error(problem, std::generic_category(), "cannot start the thread " + name);
  static_cast<void>(mine.release());  // the thread's own from here on
  started_ = true;
}

void thread::join() {
  if (std::exchange(started_, false)) pthread_join(handle_, nullptr);
}

std::optional<std::chrono::nanoseconds> thread::cpu_time() const noexcept {
  clockid_t clock{};
  timespec spent{};
  if (!started_ || pthread_getcpuclockid(handle_, &clock) != 0 || clock_gettime(clock, &spent) != 0)
    return std::nullopt;
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

// The kernel may list a thread for a moment after it was joined.
bool thread::left_threads() const {
  for (int look = 0; others_bear(name_); ++look) {
    if (look == looks_for_others) return true;
    std::this_thread::sleep_for(between_looks);
  }
  return false;
}

}  // namespace scanhost::base
