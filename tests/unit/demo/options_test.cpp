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

TEST(options, reads_durations_as_the_host_does) {
  EXPECT_EQ(parsed({"--duration", "90s"}).requested.duration, milliseconds(90'000));
  EXPECT_EQ(parsed({"--duration", "1.5m"}).requested.duration, milliseconds(90'000));
  EXPECT_EQ(parsed({"--duration", "5500ms"}).requested.duration, milliseconds(5500));
}
TEST(options, refuses_what_is_no_duration) {
  for (const auto text : {"", "s", "10x", "-5s", "20", "1m30s", "5 s"})
    EXPECT_EQ(parsed({"--duration", text}).exit, 64) << text;
}
TEST(options, seeds_twenty_thousand_executions_unless_told_otherwise) {
  EXPECT_EQ(parsed({}).requested.size, 20'000U);
  EXPECT_EQ(parsed({"--size", "500"}).requested.size, 500U);
}
TEST(options, takes_none_and_an_address_for_the_page) {
  EXPECT_EQ(parsed({"--listen", "none"}).requested.listen, "none");
  EXPECT_EQ(parsed({"--listen", "127.0.0.1:9464"}).requested.listen, "127.0.0.1:9464");
}
TEST(options, refuses_what_is_no_address_with_a_port) {
  for (const auto text :
       {"127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "localhost:1", ":1", "127.0.0.1:", ""})
    EXPECT_EQ(parsed({"--listen", text}).exit, 64) << text;
}
TEST(options, ends_with_the_usage_code_on_a_wrong_option) {
  EXPECT_EQ(parsed({"--duration", "soon"}).exit, 64);
  EXPECT_EQ(parsed({"--duration", "1s"}).exit, 64);
  EXPECT_EQ(parsed({"--duration", "5h"}).exit, 64);
  EXPECT_EQ(parsed({"--listen", "everywhere"}).exit, 64);
  EXPECT_EQ(parsed({"--bogus"}).exit, 64);
}
TEST(options, ends_well_after_its_help) { EXPECT_EQ(parsed({"--help"}).exit, 0); }

}  // namespace
}  // namespace scanhost::demo
