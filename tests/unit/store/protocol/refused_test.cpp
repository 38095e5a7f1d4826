// SPDX-License-Identifier: Apache-2.0
//
// The commands that are never sent.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scanhost/detail/refused_commands.hpp"
#include "support/commands.hpp"

namespace scanhost::store {
namespace {

std::string_view refusal_of(const std::vector<std::string>& words) {
  std::vector<scanhost_string> args;
  for (const auto& word : words) args.push_back(string_of(word));
  return detail::reason_to_refuse(args.data(), args.size());
}

TEST(refusal, refuses_what_would_change_a_shared_connection) {
  for (const auto* name : {"WATCH", "UNWATCH", "MULTI", "EXEC", "DISCARD", "SELECT", "AUTH", "HELLO", "RESET",
                           "QUIT", "MONITOR", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE",
                           "PUNSUBSCRIBE", "SUNSUBSCRIBE", "SYNC", "PSYNC"}) {
    EXPECT_NE(refusal_of({name, "x"}), "") << name;
  }
}

TEST(refusal, refuses_what_can_block) {
  for (const auto* name : {"BLPOP", "BRPOP", "BLMOVE", "BLMPOP", "BRPOPLPUSH", "BZPOPMIN", "BZPOPMAX",
                           "BZMPOP", "WAIT", "WAITAOF"}) {
    EXPECT_NE(refusal_of({name, "x"}), "") << name;
  }
}

TEST(refusal, refuses_what_stops_the_server) {
  for (const auto* name : {"SHUTDOWN", "DEBUG", "FAILOVER"}) EXPECT_NE(refusal_of({name}), "") << name;
}

TEST(refusal, does_not_care_about_case) {
  EXPECT_NE(refusal_of({"multi"}), "");
  EXPECT_NE(refusal_of({"ClieNT", "rEply", "OFF"}), "");
  EXPECT_NE(refusal_of({"xRead", "block", "0", "streams", "s", "$"}), "");
}

TEST(refusal, refuses_of_client_only_reply) {
  EXPECT_NE(refusal_of({"CLIENT", "REPLY", "OFF"}), "");
  EXPECT_EQ(refusal_of({"CLIENT", "LIST"}), "");
  EXPECT_EQ(refusal_of({"CLIENT"}), "");
}

TEST(refusal, refuses_stream_reads_only_when_they_block) {
  EXPECT_NE(refusal_of({"XREAD", "COUNT", "5", "BLOCK", "0", "STREAMS", "s", "0"}), "");
  EXPECT_NE(refusal_of({"XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">"}), "");
  EXPECT_EQ(refusal_of({"XREAD", "COUNT", "5", "STREAMS", "BLOCK", "0"}), "");
  EXPECT_EQ(refusal_of({"XREADGROUP", "GROUP", "BLOCK", "BLOCK", "STREAMS", "s", ">"}), "");
}

TEST(refusal, says_what_to_do_instead) {
  EXPECT_NE(refusal_of({"WATCH", "k"}).find("guarded write"), std::string_view::npos);
}

TEST(refusal, lets_everything_else_pass) {
  for (const auto* name :
       {"GET", "FCALL", "EVAL", "ZRANGEBYSCORE", "TIME", "MULTIPLE", "XREADGROUPS", "AUT"}) {
    EXPECT_EQ(refusal_of({name, "x"}), "") << name;
  }
}

TEST(refusal, refuses_a_command_without_a_name) {
  EXPECT_NE(detail::reason_to_refuse(nullptr, 0), "");
  EXPECT_NE(refusal_of({""}), "");
}

}  // namespace
}  // namespace scanhost::store
