// SPDX-License-Identifier: Apache-2.0
#include "base/write_all.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <thread>

#include "base/errno_text.hpp"

namespace scanhost::base {
namespace {

TEST(write_all, writes_more_than_the_pipe_holds) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const std::string sent(std::size_t{1} << 20U, 'x');
  std::string received;
  std::thread reader([&] {
    std::array<char, 4096> part{};
    for (ssize_t size = 0; (size = ::read(ends[0], part.data(), part.size())) > 0;)
      received.append(part.data(), static_cast<std::size_t>(size));
  });
  EXPECT_TRUE(write_all(ends[1], sent));
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  EXPECT_EQ(received, sent);
}

TEST(write_all, leaves_the_reason_in_errno) {
  EXPECT_FALSE(write_all(-1, "x"));
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(errno_text(EBADF), "Bad file descriptor");
}

}  // namespace
}  // namespace scanhost::base
