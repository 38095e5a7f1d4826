// SPDX-License-Identifier: Apache-2.0
//
// Whole log lines, as they reach standard error.
#include "boot/logging.hpp"

#include <gmock/gmock.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/log.hpp"

namespace scanhost::boot {
namespace {

using base::log_field;
using nlohmann::json;
using testing::EndsWith;
using testing::MatchesRegex;

// What a line of this scanner with these fields becomes.
std::string written(log_format format, std::string_view scanner, std::string_view text,
                    std::span<const log_field> fields) {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(start_logging("info", format));
  base::log_plugin_message(base::severity::warn, scanner, text, "{shard:3}", fields);
  return testing::internal::GetCapturedStderr();
}

TEST(logging, writes_fields_as_members_of_a_json_line) {
  const std::array<log_field, 2> fields{{{"queue", "mail"}, {"length", "1500"}}};
  const auto line = json::parse(written(log_format::json, "carts", "too long", fields));
  EXPECT_EQ(line.at("level"), "warning");
  EXPECT_EQ(line.at("scanner"), "carts");
  EXPECT_EQ(line.at("message"), "scanner=carts too long");
  EXPECT_EQ(line.at("queue"), "mail");
  EXPECT_EQ(line.at("length"), 1500);
  EXPECT_EQ(line.at("event"), "plugin_message");
  EXPECT_EQ(line.at("partition"), "{shard:3}");
}

TEST(logging, leaves_the_member_of_the_host_out_where_a_plugin_has_a_field_of_that_name) {
  const std::array<log_field, 1> fields{{{"partition", "its own"}}};
  EXPECT_EQ(json::parse(written(log_format::json, "carts", "too long", fields)).at("partition"), "its own");
}

TEST(logging, has_the_event_and_its_members_in_json_only) {
  testing::internal::CaptureStderr();
  ASSERT_TRUE(start_logging("info", log_format::json));
  base::log(base::events::item_backed_off, "carts", "goes into back-off, item=7",
            {{"item", "7"}, {"error", "no \"core\""}, {"cycles", "10"}});
  const auto line = json::parse(testing::internal::GetCapturedStderr());
  EXPECT_EQ(line.at("event"), "item_backed_off");
  EXPECT_EQ(line.at("level"), "error");
  EXPECT_EQ(line.at("item"), "7") << "an item is a text, whatever it looks like";
  EXPECT_EQ(line.at("error"), "no \"core\"");
  EXPECT_EQ(line.at("cycles"), 10);

  testing::internal::CaptureStderr();
  ASSERT_TRUE(start_logging("info", log_format::human));
  base::log(base::events::item_backed_off, "carts", "goes into back-off, item=7", {{"item", "7"}});
  EXPECT_THAT(testing::internal::GetCapturedStderr(), EndsWith("scanner=carts goes into back-off, item=7\n"));
}

TEST(logging, has_the_event_of_a_line_that_is_no_scanners) {
  testing::internal::CaptureStderr();
  ASSERT_TRUE(start_logging("info", log_format::json));
  base::log(base::events::host_started, "started: scanners=2");
  const auto line = json::parse(testing::internal::GetCapturedStderr());
  EXPECT_EQ(line.at("event"), "host_started");
  EXPECT_FALSE(line.contains("scanner"));
}

TEST(logging, writes_fields_behind_the_message_for_people) {
  const std::array<log_field, 2> fields{{{"queue", "mail"}, {"length", "1500"}}};
  EXPECT_THAT(written(log_format::human, "carts", "too long", fields),
              EndsWith("scanner=carts too long queue=mail length=1500\n"));
}

TEST(logging, begins_with_the_date_and_the_time_in_utc_for_people) {
  EXPECT_THAT(written(log_format::human, "carts", "too long", {}),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z .*\n"));
}

TEST(logging, writes_valid_json_whatever_bytes_a_line_has) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string odd = {'a', static_cast<char>(byte), 'b'};
    const std::array<log_field, 1> fields{{{odd, odd}}};
    const auto line = written(log_format::json, odd, odd, fields);
    EXPECT_TRUE(json::accept(line)) << line;
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << byte;
  }
}

TEST(logging, writes_the_lines_of_a_scanner_with_a_lower_level_in_the_same_form) {
  testing::internal::CaptureStderr();
  ASSERT_TRUE(start_logging("warn", log_format::json));
  base::scanner_log_level level("carts");
  level.set(base::severity::debug);
  base::log(base::severity::debug, "carts", "details");
  const auto line = json::parse(testing::internal::GetCapturedStderr());
  EXPECT_EQ(line.at("level"), "debug");
  EXPECT_EQ(line.at("message"), "scanner=carts details");
}

}  // namespace
}  // namespace scanhost::boot
