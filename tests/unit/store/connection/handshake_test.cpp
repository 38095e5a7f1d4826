// SPDX-License-Identifier: Apache-2.0
//
// What is sent first on a connection.
#include "store/connection/handshake.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <utility>

#include "store/connection/host_commands.hpp"
#include "support/commands.hpp"

namespace scanhost::store {
namespace {

const auto fine = reply_with(SCANHOST_REPLY_STATUS, "OK");

bool sends(const handshake& talk, std::string_view words) {
  return talk.bytes().find(words) != std::string::npos;
}

TEST(handshake, names_the_client_and_asks_for_the_time) {
  const handshake talk({}, "lease expiry\n@x");
  EXPECT_TRUE(sends(talk, "SETNAME\r\n$24\r\nscanhost:lease_expiry_@x\r\n"));
  EXPECT_TRUE(sends(talk, "TIME\r\n"));
  EXPECT_FALSE(sends(talk, "AUTH"));
  EXPECT_FALSE(sends(talk, "SELECT"));
}

TEST(handshake, logs_in_and_selects_before_anything_else) {
  config::store_settings settings;
  settings.username = "u";
  settings.password = base::secret("p");
  settings.database = 7;
  const handshake talk(settings, "n");
  EXPECT_TRUE(talk.bytes().starts_with(
      "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n7\r\n"));
}

TEST(handshake, uses_the_short_login_without_a_user_name) {
  config::store_settings settings;
  settings.password = base::secret("p");
  EXPECT_TRUE(handshake(settings, "n").bytes().starts_with("*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n"));
}

// What a handshake sends, as access rules name it: "+client|setname".
std::vector<std::string> rules_of(const handshake& talk) {
  std::vector<std::string> words, rules;
  std::istringstream lines(talk.bytes());
  for (std::string line; std::getline(lines, line);) {
    line.pop_back();
    if (line.starts_with('*')) words.emplace_back();
    if (line.starts_with('*') || line.starts_with('$')) continue;
    for (auto& c : line) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    words.back() += (words.back().empty() ? "+" : "|") + line;
  }
  for (const auto& word : words) {
    const auto container = word.starts_with("+client|");
    rules.push_back(word.substr(0, word.find('|', container ? word.find('|') + 1 : 0)));
  }
  return rules;
}

TEST(handshake, sends_only_what_the_table_of_the_hosts_commands_has) {
  config::store_settings settings;
  settings.password = base::secret("p");
  settings.database = 7;
  for (const auto& rule : rules_of(handshake(settings, "n"))) {
    const bool known =
        rule == "+auth" || std::ranges::find(host_commands, rule, &host_command::rule) != host_commands.end();
    EXPECT_TRUE(known) << rule;
  }
}

TEST(handshake, is_done_with_the_description_and_the_time_of_the_server) {
  handshake talk({}, "n");
  EXPECT_EQ(talk.answered(fine), handshake::step::continues);
  const auto about =
      reply_with(SCANHOST_REPLY_STRING,
                 "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\n"
                 "server_mode:cluster\r\n");
  EXPECT_EQ(talk.answered(about), handshake::step::continues);
  EXPECT_EQ(talk.server().name, "valkey");
  EXPECT_EQ(talk.server().version, "8.1.1");
  EXPECT_TRUE(talk.server().cluster);
  EXPECT_EQ(talk.answered(reply_with(SCANHOST_REPLY_STRING, "# Replication\r\nrole:master\r\n")),
            handshake::step::continues);
  const std::array parts = {reply_with(SCANHOST_REPLY_STRING, "5"),
                            reply_with(SCANHOST_REPLY_STRING, "7000")};
  scanhost_reply time{};
  time.kind = SCANHOST_REPLY_ARRAY;
  time.elements = parts.data();
  time.element_count = parts.size();
  EXPECT_EQ(talk.answered(time), handshake::step::done);
  EXPECT_EQ(talk.time(), base::timestamp(base::milliseconds(5007)));
}

TEST(handshake, goes_on_when_the_name_the_description_and_the_time_are_refused) {
  handshake talk({}, "n");
  const auto no = reply_with(SCANHOST_REPLY_ERROR, "NOPERM no");
  EXPECT_EQ(talk.answered(no), handshake::step::continues);
  EXPECT_EQ(talk.answered(no), handshake::step::continues);
  EXPECT_EQ(talk.answered(no), handshake::step::continues);
  EXPECT_EQ(talk.answered(no), handshake::step::done);
  EXPECT_EQ(talk.server().version, "");
  EXPECT_EQ(talk.time(), std::nullopt);
}

TEST(handshake, refuses_a_replica_for_as_long_as_it_is_one) {
  handshake talk({}, "n");
  talk.answered(fine);
  talk.answered(reply_with(SCANHOST_REPLY_STRING, "redis_version:7.2.4\r\nredis_mode:standalone\r\n"));
  const auto role =
      reply_with(SCANHOST_REPLY_STRING, "role:slave\r\nmaster_host:10.0.0.7\r\nmaster_port:6380\r\n");
  EXPECT_EQ(talk.answered(role), handshake::step::failed);
  EXPECT_EQ(talk.failure().outcome, SCANHOST_OUTCOME_TRANSIENT);
  EXPECT_EQ(talk.failure().message,
            "the server is a replica of 10.0.0.7:6380, and only the primary takes writes");
}

TEST(handshake, ends_with_a_permanent_outcome_when_the_login_is_refused) {
  config::store_settings settings;
  settings.password = base::secret("geheim");
  handshake talk(settings, "n");
  EXPECT_EQ(talk.answered(reply_with(SCANHOST_REPLY_ERROR, "WRONGPASS invalid")), handshake::step::failed);
  EXPECT_EQ(talk.failure().outcome, SCANHOST_OUTCOME_PERMANENT);
  EXPECT_NE(talk.failure().message.find("WRONGPASS"), std::string::npos);
  EXPECT_TRUE(talk.failure().reply.starts_with("WRONGPASS"));
  EXPECT_EQ(talk.failure().message.find("geheim"), std::string::npos);
}

TEST(handshake, ends_with_a_permanent_outcome_when_the_database_does_not_exist) {
  config::store_settings settings;
  settings.database = 99;
  handshake talk(settings, "n");
  EXPECT_EQ(talk.answered(reply_with(SCANHOST_REPLY_ERROR, "ERR DB index is out of range")),
            handshake::step::failed);
  EXPECT_EQ(talk.failure().outcome, SCANHOST_OUTCOME_PERMANENT);
  EXPECT_NE(talk.failure().message.find("99"), std::string::npos);
}

TEST(handshake, tries_again_when_the_server_is_not_ready) {
  config::store_settings settings;
  settings.database = 1;
  handshake talk(settings, "n");
  EXPECT_EQ(talk.answered(reply_with(SCANHOST_REPLY_ERROR, "LOADING x")), handshake::step::failed);
  EXPECT_EQ(talk.failure().outcome, SCANHOST_OUTCOME_TRANSIENT);
}

// What a server says to a client that it does not take, whatever was asked.
TEST(handshake, keeps_what_the_server_says_before_it_closes) {
  for (const auto* text :
       {"ERR max number of clients reached", "DENIED Redis is running in protected mode"}) {
    handshake talk({}, "n");
    EXPECT_EQ(talk.answered(reply_with(SCANHOST_REPLY_ERROR, text)), handshake::step::failed);
    EXPECT_NE(talk.failure().message.find(text), std::string::npos);
  }
}

TEST(handshake, takes_no_state_of_the_server_for_a_refused_login_or_a_wrong_database) {
  config::store_settings settings;
  settings.password = base::secret("p");
  settings.database = 3;
  for (const auto& [text, found] : {std::pair{"ERR max number of clients reached", state::too_many_clients},
                                    std::pair{"BUSY Redis is busy running a script", state::busy},
                                    std::pair{"LOADING Redis is loading", state::loading}}) {
    handshake login(settings, "n");
    EXPECT_EQ(login.answered(reply_with(SCANHOST_REPLY_ERROR, text)), handshake::step::failed);
    EXPECT_EQ(login.failure().outcome, SCANHOST_OUTCOME_TRANSIENT);
    handshake database(settings, "n");
    EXPECT_EQ(database.answered(fine), handshake::step::continues);
    EXPECT_EQ(database.answered(reply_with(SCANHOST_REPLY_ERROR, text)), handshake::step::failed);
    EXPECT_EQ(database.failure().state, found);
  }
}

TEST(handshake, leaves_it_to_the_commands_to_say_that_a_login_is_needed) {
  handshake talk({}, "n");
  EXPECT_EQ(talk.answered(reply_with(SCANHOST_REPLY_ERROR, "NOAUTH Authentication required.")),
            handshake::step::continues);
}

}  // namespace
}  // namespace scanhost::store
