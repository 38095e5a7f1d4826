// SPDX-License-Identifier: Apache-2.0
//
// Signal handlers may neither allocate nor lock, so everything they need is prepared in plain memory.
#include "verify/witness.hpp"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "plugin/probe_report.hpp"
#include "verify/report.hpp"

namespace scanhost::verify {
namespace {

constexpr std::size_t max_line_length = 1024;
constexpr std::string_view hung_line = "{\"hung\":true}\n";

// A line that a handler writes. There are two buffers, so that a handler never sees a half-written line.
struct prepared {
  std::array<char, max_line_length> text{};
  std::size_t size = 0;
};

int report_fd = -1;
std::array<prepared, 2> steps;
std::atomic<const prepared*> last_step{nullptr};
std::atomic<const reply_memory*> watched{nullptr};
prepared read_late, wrote;  // findings, ready to be written
std::atomic<bool> ended{false};

void tell(std::string_view line) noexcept {
  while (!line.empty()) {
    const auto written = ::write(report_fd, line.data(), line.size());
    if (written <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

void tell(const prepared* line) noexcept {
  if (line != nullptr) tell({line->text.data(), line->size});
}

void prepare(prepared& slot, const std::string& line) noexcept {
  // A truncated line would not be valid JSON.
  slot.size = line.size() <= slot.text.size() ? line.size() : 0;
  std::memcpy(slot.text.data(), line.data(), slot.size);
}

extern "C" void on_fatal_signal(int number, siginfo_t* info, void*) {
  tell(last_step.load());
  const auto* memory = watched.load();
  if (memory != nullptr && (number == SIGSEGV || number == SIGBUS)) {
    const auto place = memory->look(info->si_addr);
    if (place == reply_memory::place::given_back) tell(&read_late);
    if (place == reply_memory::place::lent) tell(&wrote);
  }
  ::signal(number, SIG_DFL);
  ::raise(number);
}

extern "C" void on_alarm(int) {
  tell(last_step.load());
  tell(hung_line);
  ::_exit(EXIT_FAILURE);
}

extern "C" void on_exit_of_the_process() {
  if (!ended.load()) tell(last_step.load());
}

void catch_fatal_signals() {
  static std::array<std::byte, std::size_t{64} * 1024> stack;
  const stack_t own{stack.data(), 0, stack.size()};
  ::sigaltstack(&own, nullptr);  // of this thread; others take the stack they have
  struct sigaction action {};
  action.sa_sigaction = &on_fatal_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP})
    ::sigaction(number, &action, nullptr);
}

// In real time, since a plugin that sleeps also hangs.
void watch_the_time(base::milliseconds limit) {
  struct sigaction action {};
  action.sa_handler = &on_alarm;
  ::sigaction(SIGALRM, &action, nullptr);
  itimerval timer{};
  timer.it_value.tv_sec = limit.count() / 1000;
  timer.it_value.tv_usec = limit.count() % 1000 * 1000;
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

witness::witness(base::milliseconds limit) {
  report_fd = out_.fd();
  prepare(read_late, line_of(verify::found(fault::reply_after_release,
                                           "a reply or partition was read after it had been given back")));
  prepare(wrote, line_of(verify::found(fault::reply_written,
                                       "a reply or partition was written to, or read beyond its end")));
  catch_fatal_signals();
  watch_the_time(limit);
  std::atexit(&on_exit_of_the_process);
}

void witness::watch(const reply_memory* memory) noexcept { watched = memory; }

void witness::step(std::string_view what) {
  const std::lock_guard alone(mutex_);
  if (step_ == what) return;
  step_ = what;
  auto& next = steps[last_step.load() == &steps[0] ? 1 : 0];
  prepare(next, line_of_step(what));
  last_step = &next;
}

std::string witness::step() const {
  const std::lock_guard alone(mutex_);
  return step_;
}

void witness::found(fault kind, const std::string& what) {
  const std::lock_guard alone(mutex_);
  if (kind != fault::exception && !of_interest_.empty() && !of_interest_.contains(kind)) return;
  if (seen_.insert(std::string(to_text(kind))).second)
    say(verify::found(kind, what + (step_.empty() ? "" : ", " + step_)));
}

void witness::found(const plugin::load_error& refused, std::string_view name) {
  const std::lock_guard alone(mutex_);
  if (seen_.insert(std::string(plugin::to_text(refused.reason))).second) say(verify::found(refused, name));
}

void witness::describe(const config::description& description) { out_.say(plugin::line_of(description)); }

void witness::exercised(const exercise& seen) { out_.say(line_of(seen)); }

void witness::sent(const observed_commands& seen) {
  const std::lock_guard alone(mutex_);
  auto line = line_of(seen);
  if (!sent_.insert(line).second) return;
  out_.say(line);
}

std::size_t witness::count() const {
  const std::lock_guard alone(mutex_);
  return seen_.size();
}

void witness::say(const finding& finding) { out_.say(line_of(finding)); }

void witness::end() {
  ended = true;
  out_.say(line_of_done());
  std::fflush(nullptr);
  ::_exit(EXIT_SUCCESS);
}

}  // namespace scanhost::verify
