// SPDX-License-Identifier: Apache-2.0
#include "runner/crash/crash_handler.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <string_view>
#include <utility>

#include "runner/crash/crash_place.hpp"

namespace scanhost::runner {
namespace {

constexpr std::array fatal_signals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
using actions = std::array<struct sigaction, fatal_signals.size()>;

// The handler may use nothing that allocates, locks or waits for another thread. These are written while no
// handler is installed.
int record_fd = -1;
actions before;
std::atomic<bool> crashing{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void write_all(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Somebody used kill(1): which thread the signal arrived on means nothing.
bool sent_from_outside(const siginfo_t& info) noexcept {
  return info.si_code <= 0 && info.si_pid != ::getpid();
}

void restore(int signal) noexcept {
  for (std::size_t i = 0; i < fatal_signals.size(); ++i)
    if (fatal_signals[i] == signal) ::sigaction(signal, &before[i], nullptr);
}

void handle(int signal, siginfo_t* info, void*) noexcept {
  // Only the first crash is reported: what other threads run into meanwhile may be its consequence.
  if (crashing.exchange(true))
    for (;;) ::pause();
  constexpr std::string_view start = "scanhost: crash: ";
  std::array<char, 512> room;
  for (std::size_t i = 0; i < start.size(); ++i) room[i] = start[i];
  const auto place = sent_from_outside(*info) ? crash_place::place{} : crash_place::current();
  const auto line = write_crash_line({room.data() + start.size(), room.size() - start.size()}, place, signal,
                                     info->si_addr);
  // Standard error last: it may be a pipe that nobody reads.
  write_all(record_fd, line);
  ::fsync(record_fd);
  write_all(STDERR_FILENO, {room.data(), start.size() + line.size()});
  restore(signal);
  // A fault happens again on return, and the core dump shows where; a signal that was sent does not.
  if (info->si_code <= 0) ::raise(signal);
}

}  // namespace

base::result<std::unique_ptr<crash_handler>> crash_handler::install(const std::filesystem::path& staging) {
  auto record = crash_record::open(staging);
  if (!record) return record.error();
  return std::make_unique<crash_handler>(std::move(*record));
}

crash_handler::crash_handler(crash_record record) : record_(std::move(record)) {
  record_fd = record_.fd();
  crashing = false;
  struct sigaction action {};
  action.sa_sigaction = &handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  // A fault inside the handler ends the process at once.
  ::sigemptyset(&action.sa_mask);
  for (const int signal : fatal_signals) ::sigaddset(&action.sa_mask, signal);
  for (std::size_t i = 0; i < fatal_signals.size(); ++i) ::sigaction(fatal_signals[i], &action, &before[i]);
}

crash_handler::~crash_handler() {
  for (const int signal : fatal_signals) restore(signal);
  record_fd = -1;
}

}  // namespace scanhost::runner
