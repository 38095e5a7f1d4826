// SPDX-License-Identifier: Apache-2.0
//
// Which right a server's refusal names.
#include "store/protocol/missing_right.hpp"

#include <gtest/gtest.h>

namespace scanhost::store {
namespace {

TEST(missing_right, is_the_command_and_the_user_that_the_server_names) {
  EXPECT_EQ(command_for_missing_right("NOPERM User sweeper has no permissions to run the 'hget' command"),
            "ACL SETUSER sweeper +hget");
  EXPECT_EQ(command_for_missing_right("NOPERM User a has no permissions to run the 'xgroup|create' command"),
            "ACL SETUSER a +xgroup|create");
}

TEST(missing_right, has_a_place_holder_for_the_user_of_an_older_server) {
  EXPECT_EQ(command_for_missing_right("NOPERM this user has no permissions to run the 'hget' command"),
            "ACL SETUSER USER +hget");
}

TEST(missing_right, has_a_place_holder_for_keys_and_channels) {
  EXPECT_EQ(command_for_missing_right(
                "NOPERM this user has no permissions to access one of the keys used as arguments"),
            "ACL SETUSER USER '~KEY'");
  EXPECT_EQ(command_for_missing_right(
                "NOPERM this user has no permissions to access one of the channels used as arguments"),
            "ACL SETUSER USER '&CHANNEL'");
  EXPECT_EQ(command_for_missing_right("NOPERM No permissions to access a key"), "ACL SETUSER USER '~KEY'");
}

TEST(missing_right, is_seen_inside_scripts_and_functions) {
  const auto* newer =
      "ERR ACL failure in script: User sweeper has no permissions to run the 'hset' command script: f, on "
      "@user_function:3.";
  EXPECT_TRUE(is_missing_right(newer));
  EXPECT_EQ(command_for_missing_right(newer), "ACL SETUSER sweeper +hset");
  const auto* older =
      "ERR The user executing the script can't run this command or subcommand script: f, on @user_function:3.";
  EXPECT_TRUE(is_missing_right(older));
  EXPECT_EQ(command_for_missing_right(older), "ACL SETUSER USER +COMMAND");
  EXPECT_EQ(
      command_for_missing_right("ERR The user executing the script can't publish to the channel mentioned in "
                                "the command script: f, on @user_function:3."),
      "ACL SETUSER USER '&CHANNEL'");
}

TEST(missing_right, is_not_seen_in_other_errors) {
  EXPECT_FALSE(is_missing_right("ERR unknown command"));
  EXPECT_FALSE(is_missing_right("NOAUTH Authentication required."));
}

}  // namespace
}  // namespace scanhost::store
