// SPDX-License-Identifier: Apache-2.0
//
// What Sentinels are asked, and how their answers are read.
#include <gmock/gmock.h>

#include "store/connection/sentinel.hpp"
#include "support/commands.hpp"

namespace scanhost::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using occasion = sentinel_dialogue::occasion;
using step = sentinel_dialogue::step;

scanhost_reply array_of(const std::vector<scanhost_reply>& elements) {
  scanhost_reply reply{};
  reply.kind = SCANHOST_REPLY_ARRAY;
  reply.elements = elements.data();
  reply.element_count = elements.size();
  return reply;
}

scanhost_reply text(std::string_view words) { return reply_with(SCANHOST_REPLY_STRING, words); }

config::sentinel_settings settings() { return {"mymaster", {}, {}, {}}; }

step answer_with(sentinel_dialogue& talk, std::string_view error) {
  return talk.answered(reply_with(SCANHOST_REPLY_ERROR, error));
}

TEST(sentinel_dialogue, asks_for_the_primary_and_the_other_sentinels) {
  const sentinel_dialogue first(settings(), occasion::first);
  EXPECT_THAT(first.bytes(), HasSubstr("GET-MASTER-ADDR-BY-NAME\r\n$8\r\nmymaster\r\n"));
  EXPECT_THAT(first.bytes(), HasSubstr("SENTINELS\r\n$8\r\nmymaster\r\n"));
  const sentinel_dialogue later(settings(), occasion::later);
  EXPECT_THAT(later.bytes(), ::testing::Not(HasSubstr("SENTINELS")));
}

TEST(sentinel_dialogue, logs_in_once) {
  auto secured = settings();
  secured.username = "u";
  secured.password = base::secret("p");
  EXPECT_TRUE(sentinel_dialogue(secured, occasion::first)
                  .bytes()
                  .starts_with("*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n"));
  EXPECT_THAT(sentinel_dialogue(secured, occasion::later).bytes(), ::testing::Not(HasSubstr("AUTH")));
}

TEST(sentinel_dialogue, logs_in_again_with_a_new_password) {
  auto secured = settings();
  secured.password = base::secret("p");
  const sentinel_dialogue talk(secured, occasion::new_password);
  EXPECT_TRUE(talk.bytes().starts_with("*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n"));
  EXPECT_THAT(talk.bytes(), ::testing::Not(HasSubstr("SENTINELS")));
}

TEST(sentinel_dialogue, goes_on_with_the_login_before_when_a_new_password_is_refused) {
  auto secured = settings();
  secured.password = base::secret("p");
  sentinel_dialogue talk(secured, occasion::new_password);
  EXPECT_EQ(answer_with(talk, "WRONGPASS no"), step::continues);
  const std::vector primary{text("10.0.0.7"), text("6380")};
  EXPECT_EQ(talk.answered(array_of(primary)), step::done);
  EXPECT_EQ(talk.refusal(), "WRONGPASS no");
}

TEST(sentinel_dialogue, fails_when_the_first_login_is_refused) {
  auto secured = settings();
  secured.password = base::secret("p");
  sentinel_dialogue talk(secured, occasion::first);
  EXPECT_EQ(answer_with(talk, "WRONGPASS no"), step::failed);
  EXPECT_THAT(talk.problem(), HasSubstr("refused the login: WRONGPASS no"));
}

TEST(sentinel_dialogue, reads_the_primary_and_the_other_sentinels) {
  sentinel_dialogue talk(settings(), occasion::first);
  const std::vector primary{text("10.0.0.7"), text("6380")};
  EXPECT_EQ(talk.answered(array_of(primary)), step::continues);
  const std::vector good{text("name"), text("x"), text("ip"), text("10.0.0.1"), text("port"), text("26380")};
  const std::vector odd{text("ip"), text("10.0.0.2"), text("port")};
  const std::vector others{array_of(good), array_of(odd), text("nonsense")};
  EXPECT_EQ(talk.answered(array_of(others)), step::done);
  EXPECT_EQ(talk.primary(), (config::server_address{"10.0.0.7", 6380}));
  EXPECT_THAT(talk.others(), ElementsAre(config::server_address{"10.0.0.1", 26380}));
}

TEST(sentinel_dialogue, goes_on_without_the_other_sentinels) {
  sentinel_dialogue talk(settings(), occasion::first);
  const std::vector primary{text("db.example.org"), text("6380")};
  talk.answered(array_of(primary));
  EXPECT_EQ(answer_with(talk, "NOPERM no"), step::done);
}

TEST(sentinel_dialogue, says_why_there_is_no_primary) {
  const std::pair<const char*, const char*> cases[] = {
      {"ERR unknown command 'SENTINEL', with args", "the server is no Sentinel"},
      {"NOAUTH Authentication required.", "needs a password"},
      {"IDONTKNOW I have not enough information", "IDONTKNOW I have not enough information"}};
  for (const auto& [error, problem] : cases) {
    sentinel_dialogue talk(settings(), occasion::first);
    EXPECT_EQ(answer_with(talk, error), step::failed);
    EXPECT_THAT(talk.problem(), HasSubstr(problem));
  }
  sentinel_dialogue unknown(settings(), occasion::first);
  EXPECT_EQ(unknown.answered(reply_with(SCANHOST_REPLY_NIL, "")), step::failed);
  EXPECT_THAT(unknown.problem(), HasSubstr("knows no primary 'mymaster'"));
}

TEST(sentinel_dialogue, refuses_an_address_that_makes_no_sense) {
  for (const auto* port : {"0", "70000", "x", ""}) {
    sentinel_dialogue talk(settings(), occasion::first);
    const std::vector primary{text("10.0.0.7"), text(port)};
    EXPECT_EQ(talk.answered(array_of(primary)), step::failed) << port;
  }
}

}  // namespace
}  // namespace scanhost::store
