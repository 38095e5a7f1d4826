// SPDX-License-Identifier: Apache-2.0
//
// The blocking session.
#include "store/session.hpp"

#include <gtest/gtest.h>

#include <stop_token>
#include <thread>

#include "support/commands.hpp"
#include "support/private_server.hpp"

namespace scanhost::store {
namespace {

using namespace std::chrono_literals;
using test_support::private_server;

config::store_settings settings_of(const private_server& server) {
  config::store_settings settings;
  settings.socket_path = server.socket_path();
  return settings;
}

TEST(session, answers_a_command) {
  private_server server;
  auto opened = session::open(settings_of(server));
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_TRUE(opened->call({"SET", "k", "v"}));
  const auto answer = opened->call({"GET", "k"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(text_of(reply_of(**answer).text), "v");
}

TEST(session, turns_an_error_reply_into_an_error_with_its_text) {
  private_server server;
  auto opened = session::open(settings_of(server));
  const auto answer = opened->call({"NOSUCHCOMMAND"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::errc::data);
  EXPECT_NE(answer.error().message.find("unknown command"), std::string::npos);
}

TEST(session, says_where_nobody_answers) {
  config::store_settings settings;
  settings.socket_path = "/nonexistent/socket";
  const auto opened = session::open(settings);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::errc::unavailable);
  EXPECT_NE(opened.error().message.find("/nonexistent/socket"), std::string::npos);
}

TEST(session, times_out_on_a_server_that_is_silent) {
  private_server server;
  server.freeze();
  auto settings = settings_of(server);
  settings.connect_timeout = 100ms;
  const auto opened = session::open(settings);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::errc::timed_out);
  server.thaw();
}

TEST(session, has_no_permission_with_a_wrong_password_and_does_not_tell_it) {
  private_server server(
      {.tcp = false, .append_only = false, .arguments = {"--requirepass", "pw"}, .password = "pw"});
  auto settings = settings_of(server);
  settings.password = base::secret("not-the-one");
  const auto opened = session::open(settings);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::errc::no_permission);
  EXPECT_EQ(opened.error().message.find("not-the-one"), std::string::npos);
  settings.password = base::secret("pw");
  EXPECT_TRUE(session::open(settings));
}

TEST(session, notices_a_server_that_died_and_works_with_its_successor) {
  private_server server;
  auto opened = session::open(settings_of(server));
  server.kill();
  auto settings = settings_of(server);
  const auto lost = opened->call({"PING"});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, base::errc::unavailable);
  server.start();
  EXPECT_TRUE(opened->call({"PING"}));
}

// Asks for a stop after a moment, from another thread.
class soon {
 public:
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread thread_{[this] {
    std::this_thread::sleep_for(100ms);
    source_.request_stop();
  }};
};

TEST(session, is_given_up_at_once_while_it_connects) {
  private_server server;
  server.freeze();
  auto settings = settings_of(server);
  settings.connect_timeout = 1h;
  const auto before = base::steady::now();
  const soon stop;
  const auto opened = session::open(settings, stop.token());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::errc::unavailable);
  EXPECT_LT(base::steady::now() - before, 10s);
  server.thaw();
}

TEST(session, is_given_up_at_once_while_it_waits_for_a_reply) {
  private_server server;
  auto settings = settings_of(server);
  settings.command_timeout = 1h;
  const auto before = base::steady::now();
  const soon stop;
  auto opened = session::open(settings, stop.token());
  ASSERT_TRUE(opened);
  server.freeze();
  EXPECT_FALSE(opened->call({"PING"}));
  EXPECT_LT(base::steady::now() - before, 10s);
  server.thaw();
}

}  // namespace
}  // namespace scanhost::store
