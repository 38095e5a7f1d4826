// SPDX-License-Identifier: Apache-2.0
//
// Lines for readers that are late, and for none.
#include "base/non_blocking_output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace scanhost::base {
namespace {

using namespace std::chrono_literals;

struct two_ends {
  unique_fd reader, writer;
};

two_ends pipe_ends() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  return {unique_fd(ends[0]), unique_fd(ends[1])};
}

two_ends socket_ends() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  return {unique_fd(ends[0]), unique_fd(ends[1])};
}

// None: this machine has no pseudo-terminals (a root without /dev/pts).
std::optional<two_ends> terminal_ends() {
  unique_fd reader(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (::grantpt(reader.get()) != 0 || ::unlockpt(reader.get()) != 0) return std::nullopt;
  unique_fd writer(::open(::ptsname(reader.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  return two_ends{std::move(reader), std::move(writer)};
}

// What can be read now.
std::string take(const unique_fd& reader) {
  ::fcntl(reader.get(), F_SETFL, O_NONBLOCK);
  std::string taken;
  std::array<char, 65'536> part;
  for (ssize_t size = 0; (size = ::read(reader.get(), part.data(), part.size())) > 0;)
    taken.append(part.data(), static_cast<std::size_t>(size));
  return taken;
}

// Reads until nothing is left to write.
std::string take_all(non_blocking_output& output, const unique_fd& reader) {
  std::string taken;
  while (!output.flush(1ms)) taken += take(reader);
  return taken + take(reader);
}

std::string line(std::size_t number) { return std::to_string(number) + std::string(93, 'x') + "\n"; }

std::string lines(std::size_t begin, std::size_t end) {
  std::string text;
  for (auto number = begin; number < end; ++number) text += line(number);
  return text;
}

std::string notice_of(std::uint64_t dropped) { return "dropped " + std::to_string(dropped) + "\n"; }

constexpr std::size_t too_many = 10'000;  // of these lines, for the kernel's buffer and for ours

TEST(non_blocking_output, writes_at_once_what_somebody_reads) {
  const auto ends = pipe_ends();
  non_blocking_output output(ends.writer.get());
  output.write("a\n");
  EXPECT_EQ(take(ends.reader), "a\n");
  output.write("b\n");
  EXPECT_EQ(take(ends.reader), "b\n");
  EXPECT_TRUE(output.flush(0ms));
}

TEST(non_blocking_output, keeps_lines_whole_and_in_order_for_a_reader_that_is_late) {
  const auto ends = pipe_ends();
  non_blocking_output output(ends.writer.get());
  constexpr std::size_t more_than_a_pipe = 2'000;
  for (std::size_t number = 0; number < more_than_a_pipe; ++number) output.write(line(number));
  EXPECT_FALSE(output.flush(0ms));
  EXPECT_EQ(take_all(output, ends.reader), lines(0, more_than_a_pipe));
  EXPECT_EQ(output.dropped(), 0u);
}

TEST(non_blocking_output, drops_and_counts_what_is_too_much_and_says_so_once_when_it_is_over) {
  for (auto make : {&pipe_ends, &socket_ends}) {
    const auto ends = make();
    non_blocking_output output(ends.writer.get());
    output.set_notice(&notice_of);
    for (std::size_t number = 0; number < too_many; ++number) output.write(line(number));
    const auto kept = too_many - output.dropped();
    EXPECT_GT(output.dropped(), 0u);
    EXPECT_GT(kept * line(0).size(), non_blocking_output::max_kept);
    const auto taken = take_all(output, ends.reader);
    EXPECT_TRUE(taken == lines(0, kept) + notice_of(too_many - kept)) << taken.size();
    output.write("after\n");
    EXPECT_EQ(take(ends.reader), "after\n");
  }
}

TEST(non_blocking_output, does_not_wait_for_a_terminal_that_is_stopped) {
  const auto terminal = terminal_ends();
  if (!terminal) GTEST_SKIP() << "there are no pseudo-terminals";
  const auto& ends = *terminal;
  non_blocking_output output(ends.writer.get());
  for (std::size_t number = 0; number < too_many; ++number) output.write(line(number));
  EXPECT_GT(output.dropped(), 0u);
}

TEST(non_blocking_output, leaves_the_callers_descriptor_as_it_is) {
  const auto ends = pipe_ends();
  non_blocking_output output(ends.writer.get());
  output.write("a\n");
  EXPECT_EQ(::fcntl(ends.writer.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(non_blocking_output, counts_what_goes_to_a_reader_that_is_gone) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  auto ends = pipe_ends();
  non_blocking_output output(ends.writer.get());
  output.set_notice(&notice_of);
  ends.reader.reset();
  for (int number = 0; number < 3; ++number) output.write("a\n");
  EXPECT_EQ(output.dropped(), 3u);
  EXPECT_FALSE(output.flush(1h));  // there is nothing to wait for
  std::signal(SIGPIPE, before);
}

TEST(non_blocking_output, gives_up_a_flush_when_the_time_is_over) {
  const auto ends = pipe_ends();
  non_blocking_output output(ends.writer.get());
  for (std::size_t number = 0; number < too_many; ++number) output.write(line(number));
  EXPECT_FALSE(output.flush(20ms));
}

TEST(non_blocking_output, follows_a_descriptor_that_becomes_another_file) {
  const auto first = pipe_ends(), second = pipe_ends();
  non_blocking_output output(first.writer.get());
  output.write("a\n");
  ASSERT_GE(::dup2(second.writer.get(), first.writer.get()), 0);
  output.write("b\n");
  EXPECT_EQ(take(first.reader), "a\n");
  EXPECT_EQ(take(second.reader), "b\n");
}

TEST(non_blocking_output, writes_what_was_kept_before_the_last_words_of_a_crash) {
  const auto ends = pipe_ends();
  non_blocking_output output(ends.writer.get());
  constexpr std::size_t more_than_a_pipe = 1'000;
  for (std::size_t number = 0; number < more_than_a_pipe; ++number) output.write(line(number));
  std::string taken;
  std::thread reader([&] {
    std::array<char, 4096> part;
    while (!taken.ends_with("crash\n")) {
      const auto size = ::read(ends.reader.get(), part.data(), part.size());
      if (size <= 0) return;
      taken.append(part.data(), static_cast<std::size_t>(size));
    }
  });
  output.write_while_crashing("crash\n");
  reader.join();
  EXPECT_TRUE(taken == lines(0, more_than_a_pipe) + "crash\n") << taken.size();
}

TEST(non_blocking_output, does_not_mix_the_lines_of_threads) {
  const auto ends = pipe_ends();
  non_blocking_output output(ends.writer.get());
  std::vector<std::thread> writers;
  for (std::size_t writer = 0; writer < 4; ++writer)
    writers.emplace_back([&output, writer] {
      for (int turn = 0; turn < 400; ++turn) output.write(line(writer));
    });
  for (auto& writer : writers) writer.join();
  const auto taken = take_all(output, ends.reader);
  std::size_t found = 0;
  for (std::size_t at = 0; at < taken.size(); at += line(0).size(), ++found)
    ASSERT_EQ(taken.substr(at, line(0).size()), line(static_cast<std::size_t>(taken[at] - '0')));
  EXPECT_EQ(found, 1'600u);
}

}  // namespace
}  // namespace scanhost::base
