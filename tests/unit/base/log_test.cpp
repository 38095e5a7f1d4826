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
  std::vector<spdlog::level::level_enum> levels;

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    texts.emplace_back(line.payload.data(), line.payload.size());
    const auto& about = context_of_line();
    auto context = std::string(about.event).append(" ").append(about.scanner);
    for (const auto& field : about.fields)
      context.append(" ").append(field.name).append("=").append(field.value);
    for (const auto& member : about.members)
      context.append(" (").append(member.name).append("=").append(member.value).append(")");
    contexts.push_back(std::move(context));
    levels.push_back(line.level);
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
  log(events::scanner_adjusted, "carts", "one line");
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
  log(events::memory_grows, "carts", "a warning");
  log(events::plugin_stuck, "carts", "an error");
  EXPECT_THAT(lines_->texts, ElementsAre("scanner=carts an error"));
}

TEST_F(log_lines, of_a_scanner_that_is_off_are_not_written) {
  scanner_log_level level("carts");
  level.set(severity::off);
  log(events::plugin_stuck, "carts", "an error");
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
  log_plugin_message(severity::warn, "carts", "too long", "{shard:3}", fields);
  log(events::host_started, "a line of the host");
  EXPECT_THAT(
      lines_->contexts,
      ElementsAre("plugin_message carts queue=mail length=1500 (partition={shard:3})", "host_started "));
}

TEST_F(log_lines, about_an_event_have_its_level_and_what_the_text_speaks_of) {
  log(events::item_backed_off, "carts", "goes into back-off, item=7", {{"item", "7"}});
  log(events::scanner_adjusted, "carts", "interval 1s -> 2s");
  EXPECT_THAT(lines_->contexts, ElementsAre("item_backed_off carts (item=7)", "scanner_adjusted carts"));
  EXPECT_THAT(lines_->levels, ElementsAre(spdlog::level::err, spdlog::level::info));
}

TEST_F(log_lines, of_the_host_have_no_scanner_in_front) {
  log(events::host_started, "started: scanners=2");
  EXPECT_THAT(lines_->texts, ElementsAre("started: scanners=2"));
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
