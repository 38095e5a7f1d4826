// SPDX-License-Identifier: Apache-2.0
//
// Which role a request has by its token.
#include "admin/tokens.hpp"

#include <gmock/gmock.h>

#include "support/files.hpp"
#include "support/kept_log.hpp"

namespace scanhost::admin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* read_token = "read-0123456789abcdef";
constexpr const char* operator_token = "operate-0123456789abcdef";
const std::string read_header = std::string("Bearer ") + read_token;
const std::string operator_header = std::string("Bearer ") + operator_token;

class tokens_test : public testing::Test {
 protected:
  // As a configuration that names these files.
  config::admin_settings settings(bool with_read, bool with_operator) {
    config::admin_settings configured;
    if (with_read) configured.read_token_file = file("read", read_token);
    if (with_operator) configured.operator_token_file = file("operator", operator_token);
    if (with_read) configured.read_token = base::secret(read_token);
    if (with_operator) configured.operator_token = base::secret(operator_token);
    return configured;
  }

  std::filesystem::path file(const std::string& name, const std::string& text) {
    const auto path = folder_ / name;
    test_support::write(path, text);
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
  }

  test_support::temporary_folder folder_;
};

TEST_F(tokens_test, ask_for_nothing_where_none_is_configured) {
  tokens none(settings(false, false));
  EXPECT_EQ(none.role_of({}), role::commander);
  EXPECT_EQ(none.role_of({"Bearer whatever"}), role::commander);
}

TEST_F(tokens_test, let_everybody_read_where_only_commands_need_one) {
  tokens guarded(settings(false, true));
  EXPECT_EQ(guarded.role_of({}), role::reader);
  EXPECT_EQ(guarded.role_of({operator_header}), role::commander);
}

TEST_F(tokens_test, let_readers_command_where_only_reading_needs_one) {
  tokens guarded(settings(true, false));
  EXPECT_EQ(guarded.role_of({}), role::stranger);
  EXPECT_EQ(guarded.role_of({read_header}), role::commander);
}

TEST_F(tokens_test, tell_readers_from_operators) {
  tokens guarded(settings(true, true));
  EXPECT_EQ(guarded.role_of({}), role::stranger);
  EXPECT_EQ(guarded.role_of({read_header}), role::reader);
  EXPECT_EQ(guarded.role_of({operator_header}), role::commander);
}

TEST_F(tokens_test, take_nothing_else_for_a_token) {
  tokens guarded(settings(true, true));
  const std::string almost = operator_header.substr(0, operator_header.size() - 1);
  for (const std::string& header :
       {std::string(operator_token), "bearer " + std::string(operator_token),
        "Basic " + std::string(operator_token), std::string("Bearer "), std::string(), almost, almost + "X",
        operator_header + " ", operator_header + "X", "Bearer  " + std::string(operator_token)})
    EXPECT_EQ(guarded.role_of({header}), role::stranger) << header;
  EXPECT_EQ(guarded.role_of({operator_header, operator_header}), role::stranger)
      << "nobody can say which counts";
}

TEST_F(tokens_test, follow_a_file_that_changes) {
  tokens guarded(settings(true, true));
  file("operator", "another-0123456789abcdef");
  EXPECT_EQ(guarded.role_of({operator_header}), role::stranger);
  EXPECT_EQ(guarded.role_of({"Bearer another-0123456789abcdef"}), role::commander);
}

TEST_F(tokens_test, keep_the_token_of_a_file_that_cannot_be_used_and_log_it_once) {
  tokens guarded(settings(false, true));
  tests::kept_log log;
  file("operator", "tiny-secret");
  for (int times = 0; times < 4; ++times) EXPECT_EQ(guarded.role_of({operator_header}), role::commander);
  const auto lines = log.take();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines.front().event, "token_unreadable");
  EXPECT_THAT(lines.front().text, HasSubstr("admin.operator_token_file"));
  EXPECT_THAT(lines.front().text, Not(HasSubstr("tiny-secret")));
  file("operator", operator_token);
  EXPECT_EQ(guarded.role_of({operator_header}), role::commander);
  EXPECT_THAT(log.take(), IsEmpty());
}

}  // namespace
}  // namespace scanhost::admin
