// SPDX-License-Identifier: Apache-2.0
//
// Which lines are written, and what belongs to them.
#include "base/log.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace scanhost::base {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Keeps each line with what a formatter would find beside it.
class kept_lines final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::vector<std::string> texts;
  std::vector<std::string> contexts;

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    texts.emplace_back(line.payload.data(), line.payload.size());
    std::string context(context_of_line().scanner);
    for (const auto& field : context_of_line().fields)
      context.append(" ").append(field.name).append("=").append(field.value);
    contexts.push_back(std::move(context));
  }
  void flush_() override {}
};

class log_lines : public testing::Test {
 protected:
  log_lines() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", lines_));
    spdlog::set_level(spdlog::level::info);
  }
  ~log_lines() override { spdlog::set_default_logger(before_); }

  std::shared_ptr<kept_lines> lines_ = std::make_shared<kept_lines>();

 private:
  std::shared_ptr<spdlog::logger> before_;
};

TEST_F(log_lines, begin_with_their_scanner) {
  log(severity::info, "carts", "one line");
  EXPECT_THAT(lines_->texts, ElementsAre("scanner=carts one line"));
}

TEST_F(log_lines, below_the_level_of_the_host_are_left_out) {
  EXPECT_FALSE(logs(severity::debug, "carts"));
  log(severity::debug, "carts", "too much");
  EXPECT_THAT(lines_->texts, IsEmpty());
}

TEST_F(log_lines, follow_the_level_of_their_scanner_below_that_of_the_host) {
  scanner_log_level level("carts");
  level.set(severity::debug);
  log(severity::debug, "carts", "details");
  log(severity::trace, "carts", "too much");
  log(severity::debug, "others", "too much");
  EXPECT_THAT(lines_->texts, ElementsAre("scanner=carts details"));
}

TEST_F(log_lines, follow_the_level_of_their_scanner_above_that_of_the_host) {
  scanner_log_level level("carts");
  level.set(severity::error);
  log(severity::warn, "carts", "a warning");
  log(severity::error, "carts", "an error");
  EXPECT_THAT(lines_->texts, ElementsAre("scanner=carts an error"));
}

TEST_F(log_lines, of_a_scanner_that_is_off_are_not_written) {
  scanner_log_level level("carts");
  level.set(severity::off);
  log(severity::error, "carts", "an error");
  EXPECT_THAT(lines_->texts, IsEmpty());
}

TEST_F(log_lines, follow_the_host_again_once_the_scanner_has_no_level) {
  scanner_log_level level("carts");
  level.set(severity::trace);
  level.set(std::nullopt);
  EXPECT_FALSE(logs(severity::debug, "carts"));
}

TEST_F(log_lines, follow_the_host_again_once_the_scanner_is_gone) {
  {
    scanner_log_level level("carts");
    level.set(severity::trace);
  }
  EXPECT_FALSE(logs(severity::debug, "carts"));
}

TEST_F(log_lines, follow_the_later_of_two_scanners_of_one_name) {
  auto first = std::make_unique<scanner_log_level>("carts");
  scanner_log_level second("carts");
  second.set(severity::debug);
  first->set(severity::error);
  first.reset();
  EXPECT_TRUE(logs(severity::debug, "carts"));
}

TEST_F(log_lines, have_their_scanner_and_fields_for_the_formatter) {
  const std::array<log_field, 2> fields{{{"queue", "mail"}, {"length", "1500"}}};
  log(severity::warn, "carts", "too long", fields);
  spdlog::info("a line of the host");
  EXPECT_THAT(lines_->contexts, ElementsAre("carts queue=mail length=1500", ""));
}

TEST(log_levels, have_names) {
  for (const auto level :
       {severity::trace, severity::debug, severity::info, severity::warn, severity::error, severity::off})
    EXPECT_EQ(severity_of(to_text(level)), level);
  EXPECT_EQ(severity_of("loud"), std::nullopt);
  EXPECT_EQ(severity_of(""), std::nullopt);
}

TEST(log_levels, include_that_of_the_host) {
  const auto before = spdlog::get_level();
  spdlog::set_level(spdlog::level::warn);
  EXPECT_EQ(host_log_level(), severity::warn);
  spdlog::set_level(spdlog::level::off);
  EXPECT_EQ(host_log_level(), severity::off);
  spdlog::set_level(before);
}

}  // namespace
}  // namespace scanhost::base
