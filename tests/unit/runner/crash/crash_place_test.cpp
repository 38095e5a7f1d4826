// SPDX-License-Identifier: Apache-2.0
//
// What a thread says of itself for the case that it crashes.
#include "runner/crash/crash_place.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/thread.hpp"
#include "runner/instance/plugin_calls.hpp"

namespace scanhost::runner {
namespace {

// The entry of this thread, as a handler would see it.
std::string entry() {
  const char* name = crash_place::current().entry;
  return name == nullptr ? "" : name;
}

TEST(crash_place, belongs_to_one_thread) {
  crash_place::set("lease_expiry", 3, std::string(64, 'a'));
  std::string elsewhere = "?";
  std::thread([&] { elsewhere = crash_place::current().scanner.data(); }).join();
  EXPECT_EQ(elsewhere, "");
  EXPECT_STREQ(crash_place::current().scanner.data(), "lease_expiry");
  EXPECT_EQ(crash_place::current().generation, 3U);
  EXPECT_EQ(crash_place::current().sha256.data(), std::string(64, 'a'));
  crash_place::clear();
  EXPECT_STREQ(crash_place::current().scanner.data(), "");
  EXPECT_STREQ(crash_place::current().sha256.data(), "");
}

TEST(crash_place, cuts_what_is_too_long) {
  crash_place::set(std::string(1000, 's'), 1, std::string(1000, 'h'));
  EXPECT_EQ(crash_place::current().scanner.data(), std::string(191, 's'));
  EXPECT_EQ(crash_place::current().sha256.data(), std::string(64, 'h'));
  crash_place::clear();
}

TEST(crash_place, names_the_entry_during_a_call_and_none_after_it) {
  call_count count;
  plugin_calls calls(count);
  std::string during;
  calls.run("scan", [&] { during = entry(); });
  EXPECT_EQ(during, "scan");
  EXPECT_EQ(entry(), "");
}

TEST(crash_place, names_no_entry_after_a_call_that_threw) {
  call_count count;
  plugin_calls calls(count);
  EXPECT_TRUE(calls.run("create", [] { throw std::runtime_error("no"); }));
  EXPECT_EQ(entry(), "");
}

TEST(crash_place, blames_the_host_while_it_works_on_behalf_of_a_call) {
  call_count count;
  plugin_calls calls(count);
  std::string during;
  std::string after;
  calls.run("scan", [&] {
    {
      const plugin_calls::pause waiting(calls);
      during = entry();
    }
    after = entry();
  });
  EXPECT_EQ(during, "");
  EXPECT_EQ(after, "scan");
}

TEST(thread, has_a_stack_of_its_own_for_signal_handlers) {
  stack_t mine{};
  base::thread worker;
  worker.start("test", [&] { ::sigaltstack(nullptr, &mine); });
  worker.join();
  EXPECT_EQ(mine.ss_flags & SS_DISABLE, 0);
  EXPECT_GE(mine.ss_size, std::size_t{32} << 10U);
}

}  // namespace
}  // namespace scanhost::runner
