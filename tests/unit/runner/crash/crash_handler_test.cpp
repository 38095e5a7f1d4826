// SPDX-License-Identifier: Apache-2.0
//
// How a process ends by a fatal signal, and what it leaves behind. Each crash is one of a child.
#include "runner/crash/crash_handler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>

#include "base/thread.hpp"
#include "runner/crash/crash_place.hpp"
#include "runner/crash/crash_records.hpp"
#include "support/files.hpp"

namespace scanhost::runner {
namespace {

using test_support::temporary_folder;
using testing::ExitedWithCode;
using testing::IsEmpty;
using testing::KilledBySignal;
using testing::SizeIs;

const std::string hash(64, 'a');

void touch_forbidden_page() {
  auto* page = static_cast<volatile char*>(::mmap(nullptr, static_cast<std::size_t>(::getpagesize()),
                                                  PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  *page = 1;
}

// The way of a plugin that recurses without end.
[[gnu::noinline]] int use_up_the_stack(volatile int* depth) {
  volatile char room[4096];
  room[0] = static_cast<char>(*depth);
  *depth = *depth + 1;
  return *depth < 0 ? 0 : use_up_the_stack(depth) + room[0];
}

// A host, in a child, whose scanner does this on its thread inside of scan().
[[noreturn]] void run_host(const std::filesystem::path& place, const std::function<void()>& scan,
                           const std::filesystem::path& own_folder = {}) {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  // A sanitizer's own handlers would end it in another way.
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) ::signal(signal, SIG_DFL);
  {
    const auto handler = crash_handler::install(place, own_folder);
    if (!handler) std::_Exit(1);
    base::thread thread;
    thread.start("scanner", [&] {
      crash_place::set("lease_expiry@acme", 7, hash);
      crash_place::set_library({}, "lease_expiry.3-abcd.so");
      const crash_place::in_entry entry("scan");
      scan();
    });
    thread.join();
  }
  std::_Exit(0);
}

void expect_crash_in_scan(const temporary_folder& place, const std::string& signal) {
  const auto found = collect_crashes(place.path()).value();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().scanner, "lease_expiry@acme");
  EXPECT_EQ(found.front().generation, 7U);
  EXPECT_EQ(found.front().sha256, hash);
  EXPECT_EQ(found.front().entry, "scan");
  EXPECT_EQ(found.front().signal, signal);
}

TEST(crash_handler, names_the_scanner_of_a_bad_access_and_lets_the_signal_end_the_process) {
  const temporary_folder place;
  EXPECT_EXIT(
      run_host(place.path(), touch_forbidden_page), KilledBySignal(SIGSEGV),
      "scanhost: crash: scanner=lease_expiry@acme generation=7 sha256=aaaa.*entry=scan signal=SIGSEGV address=0x[0-9a-f]+000 code=host\\+0x[0-9a-f]+ copy=lease_expiry.3-abcd.so\nscanhost: crash: trace=host\\+0x[0-9a-f]+,host\\+0x");
  expect_crash_in_scan(place, "SIGSEGV");
}

TEST(crash_handler, records_where_in_the_code_it_was_and_who_called) {
  const temporary_folder place;
  EXPECT_EXIT(run_host(place.path(), touch_forbidden_page), KilledBySignal(SIGSEGV), "");
  const auto found = collect_crashes(place.path()).value();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found.front().code, testing::StartsWith("host+0x"));
  EXPECT_THAT(found.front().trace, testing::StartsWith(found.front().code + ",host+0x"));
}

TEST(crash_handler, marks_the_copy_that_crashed_to_be_kept) {
  const temporary_folder place;
  const auto own = place / "host-1";
  std::filesystem::create_directory(own);
  EXPECT_EXIT(run_host(place.path(), touch_forbidden_page, own), KilledBySignal(SIGSEGV), "");
  EXPECT_EQ(test_support::contents(own / "crashed"), hash + " lease_expiry.3-abcd.so");
}

TEST(crash_handler, names_the_scanner_that_used_up_its_stack) {
  const temporary_folder place;
  int depth = 0;
  EXPECT_EXIT(run_host(place.path(), [&] { use_up_the_stack(&depth); }), KilledBySignal(SIGSEGV),
              "entry=scan signal=SIGSEGV");
  expect_crash_in_scan(place, "SIGSEGV");
}

TEST(crash_handler, names_the_scanner_that_aborts) {
  const temporary_folder place;
  EXPECT_EXIT(run_host(place.path(), [] { std::abort(); }), KilledBySignal(SIGABRT),
              "signal=SIGABRT address= code=0x");
  expect_crash_in_scan(place, "SIGABRT");
}

TEST(crash_handler, names_the_scanner_of_each_other_fatal_signal) {
  for (const auto& [signal, name] : {std::pair(SIGBUS, "SIGBUS"), {SIGILL, "SIGILL"}, {SIGFPE, "SIGFPE"}}) {
    const temporary_folder place;
    const int number = signal;
    EXPECT_EXIT(run_host(place.path(), [=] { ::raise(number); }), KilledBySignal(number), name);
    expect_crash_in_scan(place, name);
  }
}

TEST(crash_handler, blames_nobody_for_a_signal_from_outside) {
  const temporary_folder place;
  EXPECT_EXIT(run_host(place.path(),
                       [] {
                         const auto host = std::to_string(::getpid());
                         std::system(("kill -SEGV " + host).c_str());
                         for (;;) ::pause();
                       }),
              KilledBySignal(SIGSEGV), "crash: scanner= generation=0");
  const auto found = collect_crashes(place.path()).value();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().sha256, "");
}

TEST(crash_handler, leaves_nothing_behind_at_a_clean_end) {
  const temporary_folder place;
  EXPECT_EXIT(run_host(place.path(), [] {}), ExitedWithCode(0), "");
  EXPECT_THAT(collect_crashes(place.path()).value(), IsEmpty());
  for (const auto& entry : std::filesystem::directory_iterator(place.path()))
    EXPECT_EQ(entry.path().filename(), "lock");
}

TEST(crash_handler, gives_the_signals_back_when_it_goes) {
  const temporary_folder place;
  struct sigaction before {};
  struct sigaction after {};
  ::sigaction(SIGBUS, nullptr, &before);
  { const auto handler = crash_handler::install(place.path(), {}); }
  ::sigaction(SIGBUS, nullptr, &after);
  EXPECT_EQ(before.sa_sigaction, after.sa_sigaction);
}

}  // namespace
}  // namespace scanhost::runner
