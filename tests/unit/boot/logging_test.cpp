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

// What a line of this scanner with these fields becomes.
std::string written(log_format format, std::string_view scanner, std::string_view text,
                    std::span<const log_field> fields) {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(start_logging("info", format));
  base::log(base::severity::warn, scanner, text, fields);
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
}

TEST(logging, writes_fields_behind_the_message_for_people) {
  const std::array<log_field, 2> fields{{{"queue", "mail"}, {"length", "1500"}}};
  EXPECT_THAT(written(log_format::human, "carts", "too long", fields),
              EndsWith("scanner=carts too long queue=mail length=1500\n"));
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
