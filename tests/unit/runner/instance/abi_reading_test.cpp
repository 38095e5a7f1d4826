// SPDX-License-Identifier: Apache-2.0
#include "runner/instance/abi_reading.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "scanhost/scan.h"

namespace scanhost::runner {
namespace {

const std::array<scanhost_string, 1> ping{{{"PING", 4}}};

scanhost_command command() {
  scanhost_command result{};
  result.struct_size = sizeof result;
  result.args = ping.data();
  result.arg_count = ping.size();
  return result;
}

bool is_taken(const scanhost_command* commands, std::size_t count, std::size_t stride) {
  return flaw_of(commands, count, stride) == nullptr;
}

// A command of a later minor: longer than ours.
struct longer_command {
  scanhost_command known;
  std::uint64_t more[2];
};

TEST(abi_reading, takes_the_rest_of_a_shorter_struct_as_zero) {
  scanhost_result result{};
  result.struct_size = offsetof(scanhost_result, errors);
  result.processed = 5;
  result.errors = 7;  // beyond the size it says: not there
  const auto read = read_growing(result);
  EXPECT_EQ(read.processed, 5u);
  EXPECT_EQ(read.errors, 0u);
}

TEST(abi_reading, takes_what_it_knows_of_a_longer_struct) {
  longer_command longer{command(), {1, 2}};
  longer.known.struct_size = sizeof longer;
  longer.known.due_ms = 42;
  EXPECT_EQ(read_growing(longer.known).due_ms, 42);
}

TEST(abi_reading, copies_only_a_struct_that_is_shorter_than_its_own) {
  longer_command longer{command(), {1, 2}};
  longer.known.struct_size = sizeof longer;
  scanhost_command room;
  EXPECT_EQ(&view_growing(longer.known, room), &longer.known);
  auto shorter = command();
  shorter.struct_size = offsetof(scanhost_command, item_count);
  shorter.item_count = 7;  // beyond the size it says: not there
  EXPECT_EQ(&view_growing(shorter, room), &room);
  EXPECT_EQ(room.item_count, 0u);
  EXPECT_EQ(room.arg_count, 1u);
}

TEST(abi_reading, walks_an_array_with_the_stride_that_it_is_given) {
  std::array<longer_command, 2> commands{{{command(), {}}, {command(), {}}}};
  commands[1].known.due_ms = 7;
  EXPECT_EQ(at_stride(&commands[0].known, 1, sizeof(longer_command)).due_ms, 7);
}

TEST(abi_reading, accepts_a_proper_batch) {
  const auto ping_command = command();
  EXPECT_TRUE(is_taken(&ping_command, 1, sizeof ping_command));
}

TEST(abi_reading, accepts_longer_commands_with_their_stride) {
  std::array<longer_command, 2> commands{{{command(), {}}, {command(), {}}}};
  for (auto& longer : commands) longer.known.struct_size = sizeof longer;
  EXPECT_TRUE(is_taken(&commands[0].known, 2, sizeof(longer_command)));
}

TEST(abi_reading, refuses_a_batch_of_nothing) {
  const auto ping_command = command();
  EXPECT_FALSE(is_taken(&ping_command, 0, sizeof ping_command));
  EXPECT_FALSE(is_taken(nullptr, 1, sizeof ping_command));
}

TEST(abi_reading, refuses_more_commands_than_anybody_means) {
  const auto ping_command = command();
  EXPECT_FALSE(is_taken(&ping_command, max_commands + 1, sizeof ping_command));
}

TEST(abi_reading, refuses_a_stride_that_is_too_small_or_crooked) {
  const auto ping_command = command();
  EXPECT_FALSE(is_taken(&ping_command, 1, 0));
  EXPECT_FALSE(is_taken(&ping_command, 1, sizeof(std::uint32_t)));
  EXPECT_FALSE(is_taken(&ping_command, 1, sizeof ping_command + 1));
}

TEST(abi_reading, refuses_a_command_without_a_size_or_with_one_beyond_the_stride) {
  auto ping_command = command();
  ping_command.struct_size = 0;
  EXPECT_FALSE(is_taken(&ping_command, 1, sizeof ping_command));
  ping_command.struct_size = sizeof ping_command + 8;
  EXPECT_FALSE(is_taken(&ping_command, 1, sizeof ping_command));
}

TEST(abi_reading, refuses_a_command_without_arguments) {
  auto ping_command = command();
  ping_command.arg_count = 0;
  EXPECT_FALSE(is_taken(&ping_command, 1, sizeof ping_command));
  ping_command.arg_count = 1;
  ping_command.args = nullptr;
  EXPECT_FALSE(is_taken(&ping_command, 1, sizeof ping_command));
}

TEST(abi_reading, refuses_text_that_has_a_length_but_no_bytes) {
  const scanhost_string broken{nullptr, 3};
  auto ping_command = command();
  ping_command.args = &broken;
  EXPECT_FALSE(is_taken(&ping_command, 1, sizeof ping_command));
  ping_command = command();
  ping_command.item = broken;
  EXPECT_FALSE(is_taken(&ping_command, 1, sizeof ping_command));
}

TEST(abi_reading, says_what_is_wrong_with_a_command) {
  auto unknown_flag = command();
  unknown_flag.flags = 1u << 7;
  EXPECT_STREQ(flaw_of(&unknown_flag, 1, sizeof unknown_flag),
               "execute: a command has a flag that this host does not know");
  EXPECT_STREQ(flaw_of(nullptr, 1, sizeof unknown_flag), "execute: there are no commands");
}

}  // namespace
}  // namespace scanhost::runner
