// SPDX-License-Identifier: Apache-2.0
//
// The servers of tests end with them.
#include "support/private_server.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <thread>

namespace scanhost::test_support {
namespace {

struct started {
  pid_t pid = -1;
  std::array<char, 256> directory{};
};

// A test that never ends by itself.
[[noreturn]] void run_a_test_that_waits(int report) noexcept {
  const private_server server({.alone = true});
  started which{server.pid(), {}};
  server.directory().string().copy(which.directory.data(), which.directory.size() - 1);
  if (::write(report, &which, sizeof which) != sizeof which) ::_exit(1);
  for (;;) ::pause();
}

// The fields after the name of the program, which may hold anything; a process that nobody has waited for
// counts as ended.
bool runs(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return false;
  const auto state = line.rfind(") ");
  return state != std::string::npos && line[state + 2] != 'Z' && line[state + 2] != 'X';
}

// By the name that tests/support/ports.py reserves its ports by.
TEST(free_port, is_reserved_as_long_as_its_process_lives) {
  const auto name = "@scanhost-test-port-" + std::to_string(free_port()) + "\n";
  std::ifstream sockets("/proc/net/unix");
  const std::string all(std::istreambuf_iterator<char>(sockets), {});
  EXPECT_NE(all.find(name), std::string::npos);
}

TEST(private_server, ends_when_the_test_that_started_it_is_killed) {
  std::array<int, 2> report{};
  ASSERT_EQ(::pipe(report.data()), 0);
  const auto test = ::fork();
  if (test == 0) run_a_test_that_waits(report[1]);
  ::close(report[1]);
  started server;
  const auto size = ::read(report[0], &server, sizeof server);
  ::close(report[0]);
  const bool ran = size == sizeof server && runs(server.pid);
  ::kill(test, SIGKILL);
  ::waitpid(test, nullptr, 0);
  ASSERT_TRUE(ran);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (runs(server.pid) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_FALSE(runs(server.pid));
  std::filesystem::remove_all(server.directory.data());
}

TEST(private_server, says_which_program_cannot_be_started) {
  const char* chosen = std::getenv("SCANHOST_TEST_SERVER");
  const std::string before = chosen == nullptr ? "" : chosen;
  ::setenv("SCANHOST_TEST_SERVER", "/nowhere/server", 1);
  std::string problem;
  try {
    const private_server server({.alone = true});
  } catch (const std::system_error& error) {
    problem = error.what();
  }
  if (chosen == nullptr)
    ::unsetenv("SCANHOST_TEST_SERVER");
  else
    ::setenv("SCANHOST_TEST_SERVER", before.c_str(), 1);
  EXPECT_EQ(problem, "cannot start /nowhere/server: No such file or directory");
}

}  // namespace
}  // namespace scanhost::test_support
