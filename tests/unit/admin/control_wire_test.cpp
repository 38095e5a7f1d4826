// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers as lines.
#include "admin/control_wire.hpp"

#include <gmock/gmock.h>

namespace scanhost::admin {
namespace {

using testing::HasSubstr;

template <class Value>
std::string without_newline(const Value& value) {
  auto line = to_line(value);
  EXPECT_TRUE(line.ends_with('\n'));
  line.pop_back();
  EXPECT_EQ(line.find('\n'), std::string::npos);
  return line;
}

TEST(control_wire, carries_a_request) {
  const control_request request{"reload", {"sweeper@a", "", "two\nlines", "\xe2\x82\xac"}};
  EXPECT_EQ(read_request(without_newline(request)).value(), request);
}

TEST(control_wire, carries_an_answer) {
  const control_answer answer{base::exit_code::config, "one\ntwo", "{\"a\":[1]}\n"};
  const auto read = read_answer(without_newline(answer));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->code, answer.code);
  EXPECT_EQ(read->message, answer.message);
  EXPECT_EQ(read->data, answer.data);
}

TEST(control_wire, replaces_what_is_no_utf8) {
  EXPECT_EQ(read_answer(without_newline(control_answer{{}, "caf\xe9", {}}))->message, "caf\xef\xbf\xbd");
}

TEST(control_wire, takes_a_request_without_arguments_and_with_keys_of_a_later_version) {
  EXPECT_EQ(read_request(R"({"command":"plan","colour":"red"})").value(), (control_request{"plan", {}}));
}

TEST(control_wire, says_what_is_wrong_with_a_request) {
  for (const char* line : {"", "status", "[]", "{", "null", R"({"command":1})", R"({"arguments":[]})",
                           R"({"command":"a","arguments":"b"})", R"({"command":"a","arguments":[1]})",
                           "{\"command\":\"\xff\"}"}) {
    const auto read = read_request(line);
    ASSERT_FALSE(read) << line;
    EXPECT_EQ(read.error().code, base::errc::usage);
    EXPECT_THAT(read.error().message, HasSubstr("this is not a request"));
  }
}

TEST(control_wire, refuses_answers_that_are_none) {
  for (const char* line :
       {"", "HTTP/1.1 400 Bad Request", "{}", R"({"code":0,"message":"a"})",
        R"({"code":"0","message":"a","data":""})", R"({"code":0,"message":1,"data":""})",
        R"({"code":256,"message":"a","data":""})", R"({"code":-1,"message":"a","data":""})"})
    EXPECT_FALSE(read_answer(line)) << line;
}

TEST(control_wire, survives_deep_nesting) { EXPECT_FALSE(read_request(std::string(max_request_size, '['))); }

}  // namespace
}  // namespace scanhost::admin
