// SPDX-License-Identifier: Apache-2.0
//
// Each broken plugin is detected by the check that is meant for it, with the right finding.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "verify/verify.hpp"

namespace scanhost::verify {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;

constexpr base::milliseconds long_limit{60'000};
constexpr base::milliseconds short_limit{1'500};  // for a plugin that hangs

std::filesystem::path broken(const std::string& name) {
  return std::filesystem::path(BROKEN_PLUGINS) / (name + ".so");
}

report verify(const std::string& name, std::vector<std::string> only, base::milliseconds limit = long_limit) {
  options how;
  how.only = std::move(only);
  how.limit = limit;
  auto result = verify_plugin(broken(name), how, {});
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

std::string shown(const report& report) {
  std::string text;
  for (const auto& check : report.checks) {
    text += std::string(to_text(check.outcome)) + " " + check.name + "\n";
    for (const auto& finding : check.found)
      text += "  " + finding.fault + ": " + finding.what + "; " + finding.fix + "\n";
  }
  return text;
}

struct broken_plugin {
  const char* name;
  const char* check;
  const char* fault;
  const char* what;  // a part of the text
};
void PrintTo(const broken_plugin& plugin, std::ostream* out) { *out << plugin.name; }

class broken_plugins : public ::testing::TestWithParam<broken_plugin> {};

TEST_P(broken_plugins, are_found_by_the_check_that_is_meant_for_them) {
  const auto& expected = GetParam();
  const auto report = verify(expected.name, {expected.check});
  ASSERT_EQ(report.checks.size(), 1U) << shown(report);
  EXPECT_EQ(report.checks.front().outcome, verdict::faulty) << shown(report);
  EXPECT_THAT(report.checks.front().found,
              Contains(::testing::AllOf(Field(&finding::fault, expected.fault),
                                        Field(&finding::what, HasSubstr(expected.what)),
                                        Field(&finding::fix, ::testing::Not(::testing::IsEmpty())))))
      << shown(report);
}

INSTANTIATE_TEST_SUITE_P(
    file, broken_plugins,
    ::testing::Values(
        broken_plugin{"no_entry", "entry", "no_entry", "does not export scanhost_plugin_entry"},
        broken_plugin{"exports_more", "exported_symbols", "exported_symbols", "exports_more_helper"},
        broken_plugin{"executable_stack", "executable_stack", "executable_stack", "executable stack"},
        broken_plugin{"private_needed", "needed_libraries", "private_needed", "libbroken_private.so"},
        broken_plugin{"foreign_runtime", "needed_libraries", "foreign_runtime", "libc++.so.1"},
        broken_plugin{"origin_path", "needed_libraries", "origin_path", "$ORIGIN/lib"},
        broken_plugin{"static_tls", "static_tls", "static_tls", "DF_STATIC_TLS"},
        broken_plugin{"no_delete", "no_delete", "no_delete", "DF_1_NODELETE"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    library, broken_plugins,
    ::testing::Values(
        broken_plugin{"undefined_symbol", "undefined_symbols", "undefined_symbols", "nowhere_to_be_found"},
        broken_plugin{"foreign_runtime_behind", "load", "foreign_runtime", "libc++.so.1"},
        broken_plugin{"undefined_symbol", "load", "undefined_symbol", "nowhere_to_be_found"},
        broken_plugin{"null_entry", "load", "null_descriptor", "returned null"},
        broken_plugin{"bad_magic", "load", "bad_magic", "MAGIC"},
        broken_plugin{"wrong_major", "load", "wrong_major", ""},
        broken_plugin{"other_name", "load", "other_name", "another_name"},
        broken_plugin{"entry_changes", "load", "entry_changes", "another descriptor"},
        broken_plugin{"constructor_crashes", "load", "crashed", "SIGSEGV while it is opened"},
        broken_plugin{"constructor_exits", "load", "ended_process", "exit code 3"},
        broken_plugin{"create_crashes", "load", "crashed", "in its create"},
        broken_plugin{"create_fails", "load", "create_failed", "the moon is not full"},
        broken_plugin{"create_throws", "load", "exception", "out of patience"},
        broken_plugin{"create_throws_a_number", "load", "exception", "not a std::exception"},
        broken_plugin{"create_executes", "load", "wrong_phase", "execute"},
        broken_plugin{"destroy_crashes", "load", "crashed", "in its destroy"},
        broken_plugin{"executes_in_destroy", "load", "wrong_phase", "in its destroy"},
        broken_plugin{"missing_extension", "load", "missing_extension", "acme.telepathy/1"},
        broken_plugin{"newer_minor", "load", "newer_minor", "1.1"},
        broken_plugin{"no_family", "load", "bad_descriptor", "no family"},
        broken_plugin{"no_scan", "load", "bad_descriptor", "`scan` is null"},
        broken_plugin{"huge_name", "load", "bad_descriptor", "64 KiB"},
        broken_plugin{"short_descriptor", "load", "bad_descriptor", "struct_size"},
        broken_plugin{"table_without_address", "load", "bad_descriptor", "no address"},
        broken_plugin{"two_stars", "load", "bad_descriptor", "{*:*}"},
        broken_plugin{"option_of_the_host", "load", "bad_options", "interval"},
        broken_plugin{"option_of_unknown_type", "load", "bad_options", "type 77"},
        broken_plugin{"option_out_of_bounds", "load", "bad_options", "6 to 9"},
        broken_plugin{"option_twice", "load", "bad_options", "twice"},
        broken_plugin{"option_with_bad_bounds", "load", "bad_options", "minimum 9"},
        broken_plugin{"option_with_bad_default", "load", "bad_options", "many"},
        broken_plugin{"option_without_stride", "load", "bad_descriptor", "stride 0"},
        broken_plugin{"option_required_with_default", "load", "bad_options", "has a default"},
        broken_plugin{"option_secret_with_default", "load", "bad_options", "has a default"},
        broken_plugin{"option_secret_number", "load", "bad_options", "no text"},
        broken_plugin{"option_with_unknown_flag", "load", "bad_descriptor", "0x200"},
        broken_plugin{"option_with_silent_bound", "load", "bad_options", "without its flag"},
        broken_plugin{"option_with_foreign_bound", "load", "bad_options", "another type"},
        broken_plugin{"option_with_infinite_bound", "load", "bad_options", "not finite"},
        broken_plugin{"option_flag_with_bounds", "load", "bad_options", "has bounds"},
        broken_plugin{"option_choice_of_none", "load", "bad_options", "without choices"},
        broken_plugin{"option_choice_with_other_default", "load", "bad_options", "'bleu'"},
        broken_plugin{"option_choice_twice", "load", "bad_options", "'red' twice"},
        broken_plugin{"option_text_with_choices", "load", "bad_options", "has choices"},
        broken_plugin{"option_list_with_one_default", "load", "bad_options", "default_value"},
        broken_plugin{"option_text_with_defaults", "load", "bad_options", "default_values"},
        broken_plugin{"option_with_huge_length", "load", "bad_options", "1073741824"},
        broken_plugin{"option_named_as_a_secret", "load", "bad_options", "'broken'"},
        broken_plugin{"refuses_defaults", "load", "create_failed", "refuses the option 'broken'"},
        broken_plugin{"constructor_throws", "load", "crashed", "while it is opened"},
        broken_plugin{"destructor_crashes", "load", "crashed", "while it is closed"},
        broken_plugin{"keeps_itself_open", "unload", "left_mapped", "still mapped"},
        broken_plugin{"leaves_a_thread", "unload", "left_threads", "1 thread left running"},
        broken_plugin{"leaves_a_signal_handler", "unload", "left_signal_handlers", "signal 12"},
        broken_plugin{"leaves_a_descriptor", "unload", "left_descriptors", "1 file descriptor left open"},
        broken_plugin{"tls_destructor", "tls_destructors", "left_tls_destructors", "destructors"}),
    [](const auto& test) { return std::string(test.param.name) + "_" + test.param.check; });

INSTANTIATE_TEST_SUITE_P(
    scans, broken_plugins,
    ::testing::Values(
        broken_plugin{"calls_from_a_thread", "scan", "wrong_thread", "log"},
        broken_plugin{"good", "scan", "never_finished", "{shard:0}"},
        broken_plugin{"finishes_twice", "scan", "finished_twice", "finish"},
        broken_plugin{"finishes_early", "scan", "finished_early", "1 callbacks"},
        broken_plugin{"never_finishes", "empty_partitions", "never_finished", "{shard:0}"},
        broken_plugin{"throws_in_scan", "scan", "exception", "nobody catches this"},
        broken_plugin{"reads_a_reply_late", "scan", "reply_after_release", "in a callback"},
        broken_plugin{"reads_a_partition_late", "scan", "reply_after_release", "in a callback"},
        broken_plugin{"writes_a_reply", "scan", "reply_written", "in a callback"},
        broken_plugin{"releases_twice", "scan", "bad_release", "second time"},
        broken_plugin{"sends_nothing", "scan", "bad_call", "without arguments"},
        broken_plugin{"bad_result", "scan", "bad_result", "unchanged"},
        broken_plugin{"sends_multi", "scan", "refused_command", "MULTI"},
        broken_plugin{"exits_in_scan", "scan", "ended_process", "exit code 3 in its scan of {shard:0}"},
        broken_plugin{"asks_after_refusal", "small_turns", "asks_after_refusal", "pass 0"},
        broken_plugin{"acts_beyond_turn", "small_turns", "acts_beyond_turn", "where its turn allowed 1"},
        broken_plugin{"sends_for_ever", "transient_outcomes", "endless", "keeps sending"},
        broken_plugin{"ignores_cancel", "cancelled_scans", "ignores_cancel", "keeps sending"},
        broken_plugin{"crashes_when_cancelled", "cancelled_scans", "crashed", "SIGABRT"},
        broken_plugin{"fails_on_errors", "error_replies", "fails_scanner", "an error reply"},
        broken_plugin{"hides_errors", "error_replies", "errors_hidden", "no error"},
        broken_plugin{"hides_errors", "permanent_outcomes", "errors_hidden", "no error"},
        broken_plugin{"counts_failures", "error_replies", "failures_counted_as_processed", "1 processed"},
        broken_plugin{"counts_nothing", "empty_partitions", "counts_on_empty", "1 processed"},
        broken_plugin{"errors_on_empty", "empty_partitions", "errors_on_empty", "1 error"},
        broken_plugin{"crashes_on_empty", "scan", "crashed", "SIGSEGV in a callback"},
        broken_plugin{"crashes_when_refused", "refused_commands", "crashed", "SIGABRT"},
        broken_plugin{"explains_nothing", "explanations", "bad_explanation", "without a finding"},
        broken_plugin{"writes_to_explain", "explanations", "bad_explanation", "ZADD"},
        broken_plugin{"fails_to_explain", "explanations", "bad_explanation", "no such item"},
        broken_plugin{"ignores_stride", "later_host", "crashed", "SIGABRT"}),
    [](const auto& test) { return std::string(test.param.name) + "_" + test.param.check; });

INSTANTIATE_TEST_SUITE_P(
    growth, broken_plugins,
    ::testing::Values(broken_plugin{"leaks_in_create", "growth_of_instances", "growth", "create and destroy"},
                      broken_plugin{"leaks_in_scan", "growth_of_scans", "growth", "cycle"},
                      broken_plugin{"leaks_dropped_scans", "growth_of_dropped_scans", "growth", "in flight"}),
    [](const auto& test) { return std::string(test.param.name); });

#ifndef SCANHOST_SANITIZED
INSTANTIATE_TEST_SUITE_P(
    runtime, broken_plugins,
    ::testing::Values(broken_plugin{"static_runtime", "static_runtime", "static_runtime", "St9exception"},
                      broken_plugin{"gnu_unique", "gnu_unique", "gnu_unique", "GNU_UNIQUE"}),
    [](const auto& test) { return std::string(test.param.name); });
#endif

struct hanging_plugin {
  const char* name;
  const char* check;
  const char* step;
};
void PrintTo(const hanging_plugin& plugin, std::ostream* out) { *out << plugin.name; }

class hanging_plugins : public ::testing::TestWithParam<hanging_plugin> {};

TEST_P(hanging_plugins, are_told_by_their_deadline) {
  const auto report = verify(GetParam().name, {GetParam().check}, short_limit);
  ASSERT_EQ(report.checks.size(), 1U);
  ASSERT_EQ(report.checks.front().found.size(), 1U) << shown(report);
  EXPECT_EQ(report.checks.front().found.front().fault, "hung");
  EXPECT_THAT(report.checks.front().found.front().what, HasSubstr(std::string("1500 ms ") + GetParam().step));
}

INSTANTIATE_TEST_SUITE_P(verify, hanging_plugins,
                         ::testing::Values(hanging_plugin{"constructor_hangs", "load", "while it is opened"},
                                           hanging_plugin{"entry_hangs", "load", "in scanhost_plugin_entry"},
                                           hanging_plugin{"create_hangs", "load", "in its create"},
                                           hanging_plugin{"hangs_in_scan", "scan",
                                                          "in its scan of {shard:0}"}),
                         [](const auto& test) { return std::string(test.param.name); });

// Their names are those of the tests above.
TEST(verify, is_tested_with_every_broken_plugin) {
  std::string tested;
  const auto& tests = *::testing::UnitTest::GetInstance();
  for (int suite = 0; suite < tests.total_test_suite_count(); ++suite)
    for (int i = 0; i < tests.GetTestSuite(suite)->total_test_count(); ++i)
      tested += std::string(tests.GetTestSuite(suite)->GetTestInfo(i)->name()) + "_\n";
  // Nothing is wrong with these.
  for (const auto* good : {"explains", "sweeps", "sweeps_listed", "noisy", "needs_options", "other_family"})
    tested += std::string("/") + good + "_\n";
#ifdef SCANHOST_SANITIZED
  tested += "/static_runtime_/gnu_unique_";
#endif
  for (const auto& file : std::filesystem::directory_iterator(BROKEN_PLUGINS)) {
    if (file.path().extension() != ".so") continue;
    EXPECT_THAT(tested, HasSubstr("/" + file.path().stem().string() + "_"));
  }
}

TEST(verify, invents_values_for_required_options) {
  const auto report = verify("needs_options", {"load"});
  EXPECT_TRUE(report.clean()) << shown(report);
  EXPECT_THAT(invented_options(*report.description, {}), ::testing::ElementsAre("urls"));
}

TEST(verify, scans_members_of_its_own_invention) {
  const auto report = verify("sweeps_listed", {"scan", "early_visits", "empty_partitions", "dropped_scans"});
  for (const auto& check : report.checks) EXPECT_EQ(check.outcome, verdict::passed) << shown(report);
}

TEST(verify, finds_nothing_wrong_with_a_good_plugin) {
  const auto report = verify("sweeps", {});
  EXPECT_EQ(report.checks.size(), check_names().size());
  ASSERT_TRUE(report.description.has_value()) << shown(report);
  EXPECT_EQ(report.description->name, "sweeps");
  for (const auto& check : report.checks)
    // It is built without the version script of the SDK, like the broken plugins.
    if (check.name != "exported_symbols") {
      EXPECT_EQ(check.outcome, verdict::passed) << shown(report);
    }
}

TEST(verify, finds_nothing_wrong_with_explanations_that_only_read) {
  const auto report = verify("explains", {"load", "explanations"});
  EXPECT_TRUE(report.clean()) << shown(report);
  EXPECT_THAT(report.description->offered_extensions, ::testing::ElementsAre("scanhost.explain/1"));
}

TEST(verify, does_not_run_scans_of_a_plugin_that_cannot_be_loaded) {
  const auto report = verify("create_crashes", {"load", "scan", "growth_of_scans"});
  ASSERT_EQ(report.checks.size(), 3U);
  EXPECT_EQ(report.checks[0].outcome, verdict::faulty);
  EXPECT_EQ(report.checks[1].outcome, verdict::skipped);
  EXPECT_THAT(report.checks[2].skipped_because, HasSubstr("load"));
  EXPECT_FALSE(report.clean());
}

TEST(verify, refuses_a_file_that_is_not_there) {
  const auto result = verify_plugin(broken("no_such_plugin"), {}, {});
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error().reason, plugin::refusal::missing_file);
}

TEST(verify, finds_that_a_text_file_is_no_plugin_and_runs_nothing_of_it) {
  const auto result = verify_plugin(TEXT_FILE, {}, {});
  ASSERT_TRUE(result.has_value());
  EXPECT_THAT(result->checks.front().found, Contains(Field(&finding::fault, "not_elf")));
  EXPECT_TRUE(std::all_of(result->checks.begin() + 1, result->checks.end(),
                          [](const auto& check) { return check.outcome == verdict::skipped; }));
}

TEST(verify, takes_a_needed_library_that_the_settings_allow) {
  options how;
  how.only = {"needed_libraries"};
  how.rules.allow_needed = {"libbroken_private.so"};
  const auto result = verify_plugin(broken("private_needed"), how, {});
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(result->clean()) << shown(*result);
}

}  // namespace
}  // namespace scanhost::verify
