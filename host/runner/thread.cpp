// SPDX-License-Identifier: Apache-2.0
//
// A thread with a name and a small stack.
#include "runner/thread.hpp"

#include <cstddef>
#include <memory>
#include <system_error>
#include <utility>

#include "runner/alternate_stack.hpp"

namespace scanhost::runner {

namespace {

constexpr std::size_t stack_size = std::size_t{1} << 20;
constexpr std::size_t longest_name = 15;  // the kernel's limit

struct task {
  std::string name;
  std::function<void()> body;
};

void* run(void* raw) {
  const std::unique_ptr<task> mine(static_cast<task*>(raw));
  pthread_setname_np(pthread_self(), mine->name.c_str());
  const alternate_stack for_signals;
  mine->body();
  return nullptr;
}

}  // namespace

thread::~thread() {
  if (started_) pthread_detach(handle_);
}

void thread::start(const std::string& name, std::function<void()> body) {
  auto mine = std::make_unique<task>(task{name.substr(0, longest_name), std::move(body)});
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_size);
  const int problem = pthread_create(&handle_, &attributes, &run, mine.get());
  pthread_attr_destroy(&attributes);
  if (problem != 0)
    throw std::system_error(problem, std::generic_category(), "cannot start the thread " + name);
  mine.release();  // the thread's own from here on
  started_ = true;
}

void thread::join() {
  if (std::exchange(started_, false)) pthread_join(handle_, nullptr);
}

}  // namespace scanhost::runner
