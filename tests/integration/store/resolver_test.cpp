// SPDX-License-Identifier: Apache-2.0
//
// Looking up names at name servers of the test's own.
#include "store/connection/resolver.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <iterator>
#include <optional>

#include "integration/store/name_server.hpp"

namespace scanhost::store {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class resolver_test : public testing::Test {
 protected:
  using found = base::result<resolver::addresses>;

  void begin(const std::string& host, std::string servers = {}) {
    if (servers.empty()) servers = server.place();
    subject.emplace(context, resolver_settings{200ms, std::move(servers)});
    subject->resolve(host, [this](found result) { answer = std::move(result); });
  }

  found resolve(const std::string& host, const std::string& servers = {}) {
    begin(host, servers);
    const auto end = base::steady::now() + 20s;
    while (!answer && base::steady::now() < end) context.run_one_until(end);
    return answer.value_or(base::fail(base::errc::timed_out, "no answer at all"));
  }

  static auto threads() { return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}); }

  boost::asio::io_context context{1};
  test_support::name_server server{context};
  std::optional<resolver> subject;
  std::optional<found> answer;
};

TEST_F(resolver_test, finds_all_addresses_of_both_families) {
  server.add("db.example.test", "127.0.0.2");
  server.add("db.example.test", "127.0.0.3");
  server.add("db.example.test", "::1");
  const auto result = resolve("db.example.test");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(*result, UnorderedElementsAre(make_address("127.0.0.2"), make_address("127.0.0.3"),
                                            make_address("::1")));
}

TEST_F(resolver_test, says_that_a_name_is_unknown) {
  const auto result = resolve("nowhere.example.test");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::errc::unavailable);
  EXPECT_THAT(result.error().message, HasSubstr("the name 'nowhere.example.test' has no address"));
}

TEST_F(resolver_test, says_that_no_name_server_answers) {
  server.silent = true;
  const auto result = resolve("db.example.test");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("no name server answered for 'db.example.test'"));
}

TEST_F(resolver_test, asks_the_next_name_server_when_one_is_silent) {
  test_support::name_server deaf(context);
  deaf.silent = true;
  server.add("db.example.test", "127.0.0.2");
  const auto before = base::steady::now();
  const auto result = resolve("db.example.test", deaf.place() + "," + server.place());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(*result, ElementsAre(make_address("127.0.0.2")));
  EXPECT_LT(base::steady::now() - before, 5s);
}

TEST_F(resolver_test, asks_again_each_time) {
  server.add("db.example.test", "127.0.0.2");
  ASSERT_TRUE(resolve("db.example.test"));
  const auto before = server.questions;
  answer.reset();
  server.add("db.example.test", "127.0.0.3");
  const auto result = resolve("db.example.test");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->size(), 2u);
  EXPECT_GT(server.questions, before);
}

TEST_F(resolver_test, knows_the_names_of_this_machine) {
  server.silent = true;
  for (const auto* name : {"localhost", "LocalHost.", "db.localhost"}) {
    answer.reset();
    const auto result = resolve(name);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(*result, UnorderedElementsAre(make_address("127.0.0.1"), make_address("::1"))) << name;
  }
  EXPECT_EQ(server.questions, 0);
}

TEST_F(resolver_test, asks_for_names_that_only_end_alike) {
  server.add("notlocalhost", "127.0.0.4");
  const auto result = resolve("notlocalhost");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(*result, ElementsAre(make_address("127.0.0.4")));
}

TEST_F(resolver_test, gives_up_at_once_and_never_answers_then) {
  server.silent = true;
  begin("db.example.test");
  context.run_for(50ms);
  const auto before = base::steady::now();
  subject->cancel();
  context.restart();
  context.run_for(700ms);
  EXPECT_FALSE(answer);
  begin("db.example.test");
  subject.reset();
  EXPECT_LT(base::steady::now() - before, 2s);
}

TEST_F(resolver_test, has_no_thread_of_its_own) {
  const auto before = threads();
  server.add("db.example.test", "127.0.0.2");
  ASSERT_TRUE(resolve("db.example.test"));
  EXPECT_EQ(threads(), before);
}

}  // namespace
}  // namespace scanhost::store
