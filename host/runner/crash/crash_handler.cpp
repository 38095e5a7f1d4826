// SPDX-License-Identifier: Apache-2.0
#include "runner/crash/crash_handler.hpp"

#include <execinfo.h>
#include <fcntl.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/mapped_range.hpp"
#include "base/non_blocking_output.hpp"
#include "plugin/crashed_copies.hpp"
#include "runner/crash/crash_place.hpp"

namespace scanhost::runner {
namespace {

constexpr std::array fatal_signals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
using actions = std::array<struct sigaction, fatal_signals.size()>;

// The handler may use nothing that allocates, locks or waits for another thread. These are written while no
// handler is installed.
int record_fd = -1;
base::non_blocking_output* log_output = nullptr;
actions before;
base::mapped_range host_range;
std::array<char, 512> marker_path{};  // empty: the copy that crashed is not to be kept
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

std::uintptr_t code_address([[maybe_unused]] const void* context) noexcept {
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<const ucontext_t*>(context)->uc_mcontext.pc;
#else
  return 0;
#endif
}

// Makes the next hosts keep the copy that crashed: without it a core dump says nothing of the plugin's code.
void mark_copy(const crash_place::place& place) noexcept {
  if (marker_path[0] == '\0' || place.copy[0] == '\0') return;
  const int fd = ::open(marker_path.data(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  write_all(fd, place.sha256.data());
  write_all(fd, " ");
  write_all(fd, place.copy.data());
  ::close(fd);
}

// Without the handler's own frames, which come first.
std::span<void* const> frames_from(std::span<void* const> frames, std::uintptr_t code) noexcept {
  for (std::size_t i = 0; i < frames.size(); ++i)
    if (reinterpret_cast<std::uintptr_t>(frames[i]) == code) return frames.subspan(i);
  return frames;
}

void tell(std::string_view line) noexcept {
  log_output->write_while_crashing("scanhost: crash: ");
  log_output->write_while_crashing(line);
}

// Last of all: it reads the stack, which may be damaged, and a fault in here ends the process at once.
void write_trace(const crash_place::place& place, std::uintptr_t code) noexcept {
  std::array<void*, 40> frames;
  const auto count =
      static_cast<std::size_t>(std::max(::backtrace(frames.data(), static_cast<int>(frames.size())), 0));
  std::array<char, 1024> room;
  const auto line = write_trace_line(room, place, frames_from({frames.data(), count}, code), host_range);
  write_all(record_fd, line);
  ::fsync(record_fd);
  tell(line);
}

void report(const fault_site& site, const crash_place::place& place) noexcept {
  std::array<char, 768> room;
  const auto line = write_crash_line(room, place, site, host_range);
  write_all(record_fd, line);
  ::fsync(record_fd);
  mark_copy(place);
  tell(line);  // after the record: it may be a pipe that nobody reads
  write_trace(place, site.code);
}

void handle(int signal, siginfo_t* info, void* context) noexcept {
  // Only the first crash is reported: what other threads run into meanwhile may be its consequence.
  if (crashing.exchange(true))
    for (;;) ::pause();
  const auto place = sent_from_outside(*info) ? crash_place::place{} : crash_place::current();
  report({signal, info->si_addr, code_address(context)}, place);
  restore(signal);
  // A fault happens again on return, and the core dump shows where; a signal that was sent does not.
  if (info->si_code <= 0) ::raise(signal);
}

}  // namespace

base::result<std::unique_ptr<crash_handler>> crash_handler::install(const std::filesystem::path& staging,
                                                                    const std::filesystem::path& own_folder) {
  auto record = crash_record::open(staging);
  if (!record) return record.error();
  return std::make_unique<crash_handler>(std::move(*record), own_folder);
}

crash_handler::crash_handler(crash_record record, const std::filesystem::path& own_folder)
    : record_(std::move(record)) {
  record_fd = record_.fd();
  log_output = &base::standard_error();
  host_range = base::find_mapped_range(reinterpret_cast<const void*>(&handle)).value_or(base::mapped_range{});
  const auto marker = own_folder.empty() ? std::string() : plugin::crash_marker(own_folder).string();
  if (marker.size() < marker_path.size()) std::copy_n(marker.c_str(), marker.size() + 1, marker_path.data());
  // The first call loads the unwinder, which allocates: not in the handler.
  std::array<void*, 1> frame;
  ::backtrace(frame.data(), static_cast<int>(frame.size()));
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
  marker_path[0] = '\0';
}

}  // namespace scanhost::runner
