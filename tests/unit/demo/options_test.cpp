// SPDX-License-Identifier: Apache-2.0
#include "demo/options.hpp"

#include <gmock/gmock.h>

namespace scanhost::demo {
namespace {

using std::chrono::milliseconds;

parsed_options parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "scanhost-demo");
  return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(options, reads_durations_with_units) {
  EXPECT_EQ(parse_duration("90s"), milliseconds(90'000));
  EXPECT_EQ(parse_duration("1m30s"), milliseconds(90'000));
  EXPECT_EQ(parse_duration("1500ms"), milliseconds(1500));
  EXPECT_EQ(parse_duration("20"), milliseconds(20'000));
}
TEST(options, refuses_what_is_no_duration) {
  for (const auto text : {"", "s", "10x", "-5s", "1.5s", "5 s"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}
TEST(options, seeds_twenty_thousand_executions_unless_told_otherwise) {
  EXPECT_EQ(parsed({}).requested.size, 20'000U);
  EXPECT_EQ(parsed({"--size", "500"}).requested.size, 500U);
}
TEST(options, takes_none_and_an_address_for_the_page) {
  EXPECT_TRUE(parsed({"--listen", "none"}).requested.no_listen);
  EXPECT_EQ(parsed({"--listen", "127.0.0.1:9464"}).requested.listen->port, 9464);
}
TEST(options, ends_with_the_usage_code_on_a_wrong_option) {
  EXPECT_EQ(parsed({"--duration", "soon"}).exit, 64);
  EXPECT_EQ(parsed({"--duration", "1s"}).exit, 64);
  EXPECT_EQ(parsed({"--listen", "everywhere"}).exit, 64);
  EXPECT_EQ(parsed({"--bogus"}).exit, 64);
}
TEST(options, ends_well_after_its_help) { EXPECT_EQ(parsed({"--help"}).exit, 0); }

}  // namespace
}  // namespace scanhost::demo
