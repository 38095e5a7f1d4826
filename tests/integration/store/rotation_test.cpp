// SPDX-License-Identifier: Apache-2.0
//
// Passwords that change while a client works. The server takes two passwords for a while, as in a rotation
// by the book.
#include <gtest/gtest.h>

#include <filesystem>

#include "store_test.hpp"
#include "support/files.hpp"

namespace scanhost::store {
namespace {

using test_support::private_server;

class rotation_test : public store_test, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    set_password(">old");
    write("old");
  }

  // `default`, or a user with a name.
  std::string user() const { return GetParam(); }

  void set_password(const std::string& change) {
    const auto done = server.call({"ACL", "SETUSER", user(), "on", "+@all", "~*", "&*", change});
    ASSERT_EQ(done.text, "OK");
  }

  void write(const std::string& password) {
    test_support::write(file, password);
    std::filesystem::permissions(file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

  config::store_settings settings() {
    auto result = settings_of(server);
    if (user() != "default") result.username = user();
    result.password = base::secret("old");
    result.password_file = file;
    return result;
  }

  // Sends commands until `seen`; how many of them failed.
  template <class Seen>
  int failures_until(Seen seen) {
    int failures = 0;
    const auto end = base::steady::now() + std::chrono::seconds(20);
    while (!seen() && base::steady::now() < end)
      if (ask({{"INCR", "n"}}).outcomes[0].kind != SCANHOST_OUTCOME_REPLY) ++failures;
    EXPECT_TRUE(seen());
    return failures;
  }

  // How often the server was given a right and a wrong password since CONFIG RESETSTAT.
  std::pair<int, int> logins() {
    const auto text = server.call({"INFO", "commandstats"}).text;
    const auto at = text.find("cmdstat_auth:");
    if (at == std::string::npos) return {0, 0};
    const auto number = [&](const char* name) {
      return std::stoi(text.substr(text.find(name, at) + std::string_view(name).size()));
    };
    return {number("calls=") - number("failed_calls="), number("failed_calls=")};
  }

  int warnings(const std::string& part) const {
    int found = 0;
    for (auto at = logged.find(part); at != std::string::npos; at = logged.find(part, at + 1)) ++found;
    return found;
  }

  std::string end_of_log() { return logged = testing::internal::GetCapturedStdout(); }

  test_support::temporary_folder folder;
  std::filesystem::path file = folder / "password";
  private_server server;
  std::string logged;
};

INSTANTIATE_TEST_SUITE_P(users, rotation_test, testing::Values("sweeper", "default"),
                         [](const auto& user) { return std::string(user.param); });

TEST_P(rotation_test, is_followed_on_the_live_connection_without_a_failed_command) {
  connect(settings());
  ASSERT_TRUE(up());
  set_password(">new");
  server.call({"CONFIG", "RESETSTAT"});
  write("new");
  EXPECT_EQ(failures_until([&] { return logins().first == 1; }), 0);
  set_password("<old");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ask({{"INCR", "n"}}).outcomes[0].kind, SCANHOST_OUTCOME_REPLY);
  EXPECT_EQ(line->status().reconnects, 0u);
  EXPECT_EQ(logins(), (std::pair{1, 0}));
}

TEST_P(rotation_test, takes_the_new_password_for_the_next_connection) {
  connect(settings());
  ASSERT_TRUE(up());
  set_password(">new");
  set_password("<old");
  write("new");
  server.call({"CLIENT", "KILL", "USER", user()});
  ASSERT_TRUE(run_until([&] { return line->status().reconnects == 1; }));
  EXPECT_TRUE(up());
}

TEST_P(rotation_test, is_waited_for_where_the_server_was_first) {
  connect(settings());
  ASSERT_TRUE(up());
  set_password(">new");
  set_password("<old");
  server.call({"CLIENT", "KILL", "USER", user()});
  ASSERT_TRUE(run_until([&] { return line->status().last_error.find("WRONGPASS") != std::string::npos; }));
  write("new");
  EXPECT_TRUE(up());
}

TEST_P(rotation_test, to_a_wrong_password_keeps_the_connection_and_warns_once) {
  testing::internal::CaptureStdout();
  connect(settings());
  ASSERT_TRUE(up());
  server.call({"CONFIG", "RESETSTAT"});
  write("mistaken");
  EXPECT_EQ(failures_until([&] { return logins().second == 1; }), 0);
  // Two more looks at the file.
  const auto end = base::steady::now() + base::milliseconds(2500);
  EXPECT_EQ(failures_until([&] { return base::steady::now() > end; }), 0);
  EXPECT_EQ(line->status().reconnects, 0u);
  EXPECT_EQ(logins(), (std::pair{0, 1}));
  end_of_log();
  EXPECT_EQ(warnings("refuses the new password"), 1) << logged;
  EXPECT_EQ(warnings("mistaken"), 0) << logged;
}

// Servers do not answer a refused AUTH while they have other replies for the connection.
TEST_P(rotation_test, to_a_wrong_password_mixes_no_replies_up_while_many_are_owed) {
  connect(settings());
  ASSERT_TRUE(up());
  server.call({"CONFIG", "RESETSTAT"});
  write("mistaken");
  const auto end = base::steady::now() + base::milliseconds(2500);
  while (base::steady::now() < end) {
    const auto first = ended.size();
    for (int i = 0; i < 200; ++i) send({{"ECHO", std::to_string(i)}});
    ASSERT_TRUE(run_until([&] { return ended.size() == first + 200; }));
    for (std::size_t i = 0; i < 200; ++i) {
      const auto& outcome = ended[first + i]->raw()->outcomes[0];
      ASSERT_EQ(outcome.kind, SCANHOST_OUTCOME_REPLY);
      ASSERT_EQ(text_of(outcome.reply->text), std::to_string(i));
    }
    ended.clear();
  }
  EXPECT_EQ(logins(), (std::pair{0, 1}));
  EXPECT_EQ(line->status().reconnects, 0u);
}

TEST_P(rotation_test, to_a_file_that_is_gone_keeps_the_connection_and_warns_once) {
  testing::internal::CaptureStdout();
  connect(settings());
  ASSERT_TRUE(up());
  std::filesystem::remove(file);
  const auto end = base::steady::now() + base::milliseconds(3500);
  EXPECT_EQ(failures_until([&] { return base::steady::now() > end; }), 0);
  end_of_log();
  EXPECT_EQ(warnings("the password that it had before is used"), 1) << logged;
  EXPECT_EQ(line->status().reconnects, 0u);
}

}  // namespace
}  // namespace scanhost::store
