// SPDX-License-Identifier: Apache-2.0
//
// How the end of a probe's child process is judged, which damage its report survives, and its recording host.
#include "plugin/probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstring>

#include "plugin/probe_host.hpp"
#include "plugin/probe_report.hpp"
#include "scanhost/scanhost.h"

namespace scanhost::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr base::milliseconds limit{10'000};
constexpr int exited(int code) { return code << 8; }

config::description sample() {
  config::description it;
  it.name = "sample";
  it.version = "1.0";
  it.families = {{"shard", "{shard:*}", 16, "counts", "shard"}, {"single", "", 0, "", ""}};
  it.default_interval = base::milliseconds(1500);
  it.default_page_size = 20;
  it.options = {
      {.name = "colours", .type = config::option_type::text_list, .default_values = {"red", "blue"}},
      {.name = "patience", .type = config::option_type::duration, .default_value = "2s", .minimum = 0},
      {.name = "share", .type = config::option_type::real, .real_maximum = 0.1},
      {.name = "mode", .type = config::option_type::choice, .choices = {"a", "b"}},
      {.name = "token", .required = true, .secret = true}};
  it.functions = {"one", "two"};
  it.optional_functions = {"three"};
  it.function_library = "library";
  it.serial = true;
  return it;
}

std::string steps_up_to(probe_step last) {
  std::string text;
  for (int step = 1; step <= static_cast<int>(last); ++step) text += line_of(static_cast<probe_step>(step));
  return text;
}

TEST(probe_report, carries_a_description_whole) {
  const auto report = read_report(line_of(sample()));
  ASSERT_TRUE(report.description.has_value());
  const auto& got = *report.description;
  EXPECT_EQ(got.name, "sample");
  EXPECT_EQ(got.families, sample().families);
  EXPECT_EQ(got.options, sample().options);
  EXPECT_EQ(got.default_interval, base::milliseconds(1500));
  EXPECT_THAT(got.functions, ElementsAre("one", "two"));
  EXPECT_THAT(got.optional_functions, ElementsAre("three"));
  EXPECT_TRUE(got.serial);
}

TEST(probe_report, passes_over_what_is_not_its_own) {
  const auto report =
      read_report("hello\n{\"step\": 1}\n{\"step\": 99}\n{\"step\": \"x\"}\n[]\n{\"description\": 1}\n{\"st");
  EXPECT_EQ(report.step, probe_step::open);
  EXPECT_FALSE(report.description.has_value());
}

// Such numbers were undefined behaviour, or became others.
TEST(probe_report, passes_over_numbers_that_it_cannot_hold) {
  EXPECT_EQ(read_report("{\"step\": 4}\n{\"step\": 1e300}\n{\"step\": 1.5}\n").step, probe_step::create);
  EXPECT_FALSE(read_report("{\"refused\": -1e20, \"message\": \"no\"}\n").refused.has_value());
  const auto line = line_of(sample());
  for (const auto& [number, other] : {std::pair{"\"abi_major\":0,", "\"abi_major\":65537,"},
                                      {"\"type\":6}", "\"type\":9}"},
                                      {"\"members\":0,", "\"members\":4,"},
                                      {"\"default_interval_ms\":1500,", "\"default_interval_ms\":1e300,"}}) {
    auto changed = line;
    const auto at = changed.find(number);
    ASSERT_NE(at, std::string::npos) << number << " in " << line;
    changed.replace(at, std::strlen(number), other);
    EXPECT_FALSE(read_report(changed).description.has_value()) << other;
  }
}

TEST(probe_report, survives_a_text_that_is_not_utf8) {
  auto odd = sample();
  odd.summary = "caf\xe9";
  const auto report = read_report(line_of(odd));
  ASSERT_TRUE(report.description.has_value());
  EXPECT_THAT(report.description->summary, HasSubstr("caf"));
}

TEST(probe_report, cut_at_any_length_yields_no_half_description) {
  const auto whole = steps_up_to(probe_step::close) + line_of(sample());
  for (std::size_t length = 0; length < whole.size(); ++length)
    ASSERT_FALSE(read_report(whole.substr(0, length)).description.has_value());
}

TEST(probe_judge, takes_a_child_that_did_all_its_steps) {
  const child_ending ending{
      false, exited(0), steps_up_to(probe_step::close) + line_of(sample()) + line_of(probe_step::done), ""};
  EXPECT_TRUE(judge(ending, limit, "x.so").has_value());
}

TEST(probe_judge, takes_a_plugin_that_refuses_its_options_for_a_sound_one) {
  const child_ending ending{false, exited(0),
                            steps_up_to(probe_step::create) + line_of(bad_option{"urls", "needs one"}) +
                                line_of(probe_step::close) + line_of(sample()) + line_of(probe_step::done),
                            ""};
  const auto judged = judge(ending, limit, "x.so");
  ASSERT_TRUE(judged.has_value());
  EXPECT_EQ(judged->bad_option->option, "urls");
  EXPECT_EQ(judged->bad_option->message, "needs one");
}

TEST(probe_judge, names_the_signal_the_step_and_the_last_complaint) {
  const child_ending ending{false, SIGBUS, steps_up_to(probe_step::create), "boom"};
  const auto judged = judge(ending, limit, "x.so");
  EXPECT_EQ(judged.error().reason, refusal::create_crashed);
  EXPECT_THAT(judged.error().message,
              HasSubstr("x.so: was ended by SIGBUS in its create (its output: boom)"));
}

TEST(probe_judge, tells_hanging_constructors_from_a_hanging_create) {
  EXPECT_EQ(judge({true, 0, steps_up_to(probe_step::open), ""}, limit, "x.so").error().reason,
            refusal::constructor_hung);
  EXPECT_EQ(judge({true, 0, steps_up_to(probe_step::create), ""}, limit, "x.so").error().reason,
            refusal::create_hung);
}

TEST(probe_judge, says_how_to_run_a_plugin_with_address_sanitizer) {
  const child_ending ending{
      false, exited(1), steps_up_to(probe_step::open),
      "==7==ASan runtime does not come first in initial library list; you should either link runtime"};
  const auto judged = judge(ending, limit, "x.so");
  EXPECT_THAT(judged.error().message, HasSubstr("x.so: is built with AddressSanitizer"));
  EXPECT_THAT(judged.error().message, HasSubstr("LD_PRELOAD"));
  EXPECT_THAT(judged.error().message, HasSubstr("plugins.allow_needed"));
}

TEST(probe_judge, does_not_take_a_quick_exit_for_success) {
  const auto judged = judge({false, exited(0), steps_up_to(probe_step::create), ""}, limit, "x.so");
  EXPECT_EQ(judged.error().reason, refusal::create_crashed);
}

TEST(probe_host, gives_options_at_their_defaults) {
  const auto description = sample();
  const auto host = std::make_unique<probe_host>(description, default_settings(description), "mine.so");
  const auto* table = host->table();
  scanhost_string text{};
  std::int64_t number = 0;
  EXPECT_EQ(table->option_count(table, {"colours", 7}), 2U);
  ASSERT_EQ(table->option_text(table, {"colours", 7}, 1, &text), SCANHOST_OK);
  EXPECT_EQ(std::string(text.data, text.size), "blue");
  ASSERT_EQ(table->option_integer(table, {"patience", 8}, &number), SCANHOST_OK);
  EXPECT_EQ(number, 2000);
  EXPECT_EQ(table->option_text(table, {"colours", 7}, 2, &text), SCANHOST_INVALID);
  EXPECT_EQ(table->option_text(table, {"patience", 8}, 0, &text), SCANHOST_INVALID);
  EXPECT_EQ(table->option_count(table, {"nothing", 7}), 0U);
  EXPECT_EQ(table->partition_count(table, {"shard", 5}), 16U);
  EXPECT_EQ(table->partition_count(table, {"single", 6}), 1U);
  EXPECT_EQ(table->partition_count(table, {"other", 5}), 0U);
}

TEST(probe_host, offers_every_extension_and_records_what_does_not_belong_into_create) {
  const auto description = sample();
  const auto host = std::make_unique<probe_host>(description, default_settings(description), "mine.so");
  const auto* table = host->table();
  for (const std::string_view id : {SCANHOST_EXT_FAILURES, SCANHOST_EXT_METRICS, SCANHOST_EXT_BLOCKING})
    EXPECT_NE(table->get_extension(table, {id.data(), id.size()}), nullptr) << id;
  EXPECT_EQ(table->get_extension(table, {"x", 1}), nullptr);
  EXPECT_EQ(table->execute(table, nullptr, nullptr, 1, 0, nullptr, nullptr), SCANHOST_INVALID);
  EXPECT_EQ(table->next_page(table, nullptr, 0, 0, nullptr, nullptr), SCANHOST_INVALID);
  EXPECT_THAT(host->broken_rules(), ElementsAre("execute", "next_page"));
}

TEST(probe_host, gives_a_reason_for_what_it_refuses_in_create) {
  const auto description = sample();
  const auto host = std::make_unique<probe_host>(description, default_settings(description), "mine.so");
  const auto* table = host->table();
  const auto reason = [table] {
    const auto text = table->invalid_reason(table);
    return std::string(text.data, text.size);
  };
  table->execute(table, nullptr, nullptr, 1, 0, nullptr, nullptr);
  EXPECT_EQ(reason(), "execute: there is no scan under way: a probe only creates and destroys an instance");
  table->after(table, nullptr, 1, nullptr, nullptr);
  EXPECT_EQ(reason(), "after: there is no scan under way: a probe only creates and destroys an instance");
}

}  // namespace
}  // namespace scanhost::plugin
