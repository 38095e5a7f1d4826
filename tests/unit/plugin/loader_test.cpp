// SPDX-License-Identifier: Apache-2.0
//
// Every kind of broken file is refused for its own reason, in a message that names the file and says what to
// do.
#include "plugin/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/plugin/plugin_files.hpp"

namespace scanhost::plugin {
namespace {

using test::broken;
using test::temporary_folder;
using testing::HasSubstr;

constexpr base::milliseconds short_limit{1000};
constexpr base::milliseconds long_limit{60'000};  // long enough for a busy machine

std::unique_ptr<loader> loader_with(base::milliseconds limit) {
  loader_options options;
  options.probe_limit = limit;
  return std::make_unique<loader>(std::move(options));
}

struct failure {
  const char* file;
  refusal reason;
  const char* found;  // what was found, in the message
  const char* advice;
  base::milliseconds limit = long_limit;
};

void PrintTo(const failure& failure, std::ostream* out) { *out << failure.file; }

std::string name_of(const testing::TestParamInfo<failure>& info) { return info.param.file; }

class loader_refuses : public testing::TestWithParam<failure> {};

TEST_P(loader_refuses, a_broken_plugin_for_its_own_reason_and_says_what_to_do) {
  const auto& expected = GetParam();
  const auto found = loader_with(expected.limit)->inspect(broken(expected.file));
  ASSERT_TRUE(found.has_error());
  EXPECT_EQ(to_text(found.error().reason), to_text(expected.reason)) << found.error().message;
  EXPECT_THAT(found.error().message, HasSubstr(broken(expected.file).string()));
  EXPECT_THAT(found.error().message, HasSubstr(expected.found));
  EXPECT_THAT(found.error().message, HasSubstr(expected.advice));
}

INSTANTIATE_TEST_SUITE_P(
    as_a_file, loader_refuses,
    testing::Values(
        failure{"no_such_file", refusal::missing_file, "there is no such file", "check plugins.path"},
        failure{"no_entry", refusal::no_entry, "does not export scanhost_plugin_entry",
                "define it with C linkage"},
        failure{"executable_stack", refusal::executable_stack, "executable stack", "-z noexecstack"},
        failure{"private_needed", refusal::private_needed, "libbroken_private.so", "plugins.allow_needed"},
        failure{"undefined_symbol", refusal::undefined_symbol, "undefined symbol: nowhere_to_be_found",
                "link what"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    by_its_descriptor, loader_refuses,
    testing::Values(
        failure{"bad_magic", refusal::bad_magic, "SCANHOST_MAGIC", "headers of the scanhost SDK"},
        failure{"wrong_major", refusal::wrong_major, "SDK 2.0.0 for plugin ABI 2, this host has ABI 1.",
                "rebuild"},
        failure{"newer_minor", refusal::newer_minor, "plugin newer_minor 7.0.0 needs plugin ABI 1.1",
                "upgrade scanhost"},
        failure{"missing_extension", refusal::missing_extension,
                "'acme.telepathy/1', this host has scanhost.blocking/1", "upgrade scanhost"},
        failure{"null_entry", refusal::null_descriptor, "returned null", "describe()"},
        failure{"no_scan", refusal::bad_descriptor, "`scan` is null", "set create, destroy and scan"},
        failure{"short_descriptor", refusal::bad_descriptor, "struct_size", "sizeof(scanhost_plugin)"},
        failure{"no_family", refusal::bad_descriptor, "no family", "name the one"},
        failure{"two_stars", refusal::bad_descriptor, "{*:*}", "at most one *"},
        failure{"huge_name", refusal::bad_descriptor, "longer than 64 KiB", "set it to a constant text"},
        failure{"table_without_address", refusal::bad_descriptor, "options has a count but no address",
                "one array"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    by_its_options, loader_refuses,
    testing::Values(
        failure{"option_twice", refusal::bad_options, "'number' is listed twice", "remove one"},
        failure{"option_of_the_host", refusal::bad_options, "'interval'", "rename it"},
        failure{"option_of_unknown_type", refusal::bad_options, "unknown type 77", "SCANHOST_OPTION_"},
        failure{"option_with_bad_default", refusal::bad_options, "many", "correct the default"},
        failure{"option_out_of_bounds", refusal::bad_options, "'5' is out of range; the range is 6 to 9",
                "correct the default"},
        failure{"option_with_bad_bounds", refusal::bad_options, "minimum 9 above the maximum 1",
                "correct one"},
        failure{"option_required_with_default", refusal::bad_options, "is required and has a default",
                "leave one"},
        failure{"option_secret_with_default", refusal::bad_options, "is secret and has a default",
                "leave it out"},
        failure{"option_secret_number", refusal::bad_options, "is secret and no text",
                "SCANHOST_OPTION_TEXT"},
        failure{"option_with_unknown_flag", refusal::bad_descriptor, "the unknown flags 0x200",
                "newer scanhost"},
        failure{"option_with_silent_bound", refusal::bad_options, "has a minimum without its flag",
                "SCANHOST_OPTION_HAS_MINIMUM"},
        failure{"option_with_foreign_bound", refusal::bad_options, "the bound of another type",
                "set only maximum"},
        failure{"option_with_infinite_bound", refusal::bad_options, "is not finite", "leave the flag"},
        failure{"option_flag_with_bounds", refusal::bad_options, "has bounds, and its type knows none",
                "leave them out"},
        failure{"option_choice_of_none", refusal::bad_options, "without choices", "at least one"},
        failure{"option_choice_with_other_default", refusal::bad_options, "did you mean 'blue'?",
                "correct the default"},
        failure{"option_choice_twice", refusal::bad_options, "the choice 'red' twice", "remove one"},
        failure{"option_text_with_choices", refusal::bad_options, "has choices and is no choice",
                "SCANHOST_OPTION_CHOICE"},
        failure{"option_list_with_one_default", refusal::bad_options, "is a list and has a default_value",
                "set default_values"},
        failure{"option_text_with_defaults", refusal::bad_options, "has default_values and is no list",
                "set default_value"},
        failure{"option_with_huge_length", refusal::bad_options, "minimum 1073741824 for a length",
                "set 0 to 65536"},
        failure{"option_named_as_a_secret", refusal::bad_options, "YAML gives the secret 'broken'",
                "rename it"},
        failure{"option_without_stride", refusal::bad_descriptor, "stride 0", "sizeof of the row"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    by_what_it_does, loader_refuses,
    testing::Values(
        failure{"constructor_crashes", refusal::constructor_crashed, "SIGSEGV while it was opened",
                "gdb --args scanhost --probe"},
        failure{"constructor_throws", refusal::constructor_crashed, "born to fail",
                "gdb --args scanhost --probe"},
        failure{"constructor_exits", refusal::constructor_crashed,
                "exit code 3 while it was opened, in its constructors (its output: I will not be a plugin)",
                "gdb --args scanhost --probe"},
        failure{"constructor_hangs", refusal::constructor_hung, "1000 ms while it was opened", "wait",
                short_limit},
        failure{"entry_hangs", refusal::constructor_hung, "1000 ms in scanhost_plugin_entry", "wait",
                short_limit},
        failure{"destructor_crashes", refusal::constructor_crashed, "SIGABRT while it was closed",
                "gdb --args scanhost --probe"},
        failure{"create_fails", refusal::create_failed, "the moon is not full", "correct that"},
        failure{"create_executes", refusal::create_failed, "`execute`", "move that into scan"},
        failure{"create_throws", refusal::create_threw, "out of patience", "SCANHOST_FAILED"},
        failure{"create_throws_a_number", refusal::create_threw, "not a std::exception", "SCANHOST_FAILED"},
        failure{"create_crashes", refusal::create_crashed, "SIGSEGV in its create",
                "gdb --args scanhost --probe"},
        failure{"create_hangs", refusal::create_hung, "1000 ms in its create", "wait", short_limit},
        failure{"destroy_crashes", refusal::create_crashed, "SIGABRT in its destroy",
                "gdb --args scanhost --probe"}),
    name_of);

TEST(loader, describes_a_good_plugin_without_opening_it_here) {
  const auto found = loader_with(long_limit)->inspect(broken("good"));
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->description.name, "good");
  EXPECT_EQ(found->description.version, "1.2.3");
  EXPECT_EQ(found->description.default_interval, base::milliseconds(1000));
  ASSERT_EQ(found->description.options.size(), 2U);
  EXPECT_EQ(found->description.options[0].type, config::option_type::text_list);
  EXPECT_THAT(found->description.options[0].default_values, testing::ElementsAre("red", "blue, or green"));
  EXPECT_TRUE(found->takes_defaults);
  EXPECT_EQ(found->description.families.at(0).tag_pattern, "{shard:*}");
  EXPECT_EQ(found->sha256.size(), 64U);
}

TEST(loader, takes_a_plugin_that_prints_for_what_it_says_in_its_descriptor) {
  const auto found = loader_with(long_limit)->inspect(broken("noisy"));
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->description.name, "noisy");
}

class loader_trial : public testing::Test {
 protected:
  std::optional<settings_refusal> try_urls(const std::vector<std::string>& urls) {
    return subject->try_settings(*found, {"needs_options@a", base::milliseconds(1000), 50, {{"urls", urls}}});
  }
  std::unique_ptr<loader> subject = loader_with(long_limit);
  load_result<found_plugin> found = subject->inspect(broken("needs_options"));
};

TEST_F(loader_trial, takes_a_plugin_with_a_required_option_without_creating_it) {
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_FALSE(found->takes_defaults);
}

TEST_F(loader_trial, creates_it_with_the_options_of_a_scanner) {
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(try_urls({"http://a"}).has_value());
  EXPECT_FALSE(try_urls({"http://a", "http://\xff"}).has_value());
}

TEST_F(loader_trial, names_the_option_that_create_refuses) {
  ASSERT_TRUE(found.has_value());
  const auto refused = try_urls({"http://a", "b"});
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->option, "urls");
  EXPECT_EQ(refused->message, "expected urls such as http://host/path");
}

TEST_F(loader_trial, tells_any_other_failure_of_create) {
  ASSERT_TRUE(found.has_value());
  const auto refused = try_urls({});
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->option, "");
  EXPECT_THAT(refused->message, HasSubstr("its create failed with the options of its scanner (status 1)"));
}

TEST(loader, takes_a_plugin_that_refuses_only_its_default_options) {
  const auto found = loader_with(long_limit)->inspect(broken("refuses_defaults"));
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_FALSE(found->takes_defaults);
}

TEST(loader, refuses_a_text_file) {
  const temporary_folder folder;
  test::write(folder.path() / "text.so", "This is not a library.\n");
  const auto found = loader_with(long_limit)->inspect(folder.path() / "text.so");
  ASSERT_TRUE(found.has_error());
  EXPECT_EQ(found.error().reason, refusal::not_elf);
  EXPECT_THAT(found.error().message, HasSubstr("is not an ELF file"));
}

TEST(loader, refuses_half_of_a_plugin) {
  const temporary_folder folder;
  const auto whole = test::contents(broken("good"));
  test::write(folder.path() / "half.so", whole.substr(0, whole.size() / 2));
  const auto found = loader_with(long_limit)->inspect(folder.path() / "half.so");
  ASSERT_TRUE(found.has_error());
  EXPECT_EQ(found.error().reason, refusal::truncated);
  EXPECT_THAT(found.error().message, HasSubstr("copy the whole file again"));
}

TEST(loader, refuses_a_folder_and_a_pipe_without_waiting_for_them) {
  const temporary_folder folder;
  const auto pipe = folder.path() / "pipe.so";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const auto& file : {folder.path(), pipe}) {
    const auto found = loader_with(long_limit)->inspect(file);
    ASSERT_TRUE(found.has_error());
    EXPECT_EQ(found.error().reason, refusal::unreadable);
    EXPECT_THAT(found.error().message, HasSubstr("regular file"));
  }
}

TEST(loader, refuses_gnu_unique_symbols_unless_the_plugin_is_never_unloaded) {
  const auto refused = loader_with(long_limit)->inspect(broken("gnu_unique"));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().reason, refusal::gnu_unique);
  EXPECT_THAT(refused.error().message, HasSubstr("-fno-gnu-unique"));
  loader_options lenient;
  lenient.never_unloaded = true;
  lenient.probe_limit = long_limit;
  EXPECT_TRUE(std::make_unique<loader>(lenient)->inspect(broken("gnu_unique")).has_value());
}

TEST(loader, takes_gnu_unique_symbols_of_the_plugins_named_as_never_unloaded_alone) {
  loader_options options;
  options.probe_limit = long_limit;
  options.unload_never = {"another"};
  EXPECT_TRUE(std::make_unique<loader>(options)->inspect(broken("gnu_unique")).has_error());
  options.unload_never = {"another", "gnu_unique"};
  EXPECT_TRUE(std::make_unique<loader>(options)->inspect(broken("gnu_unique")).has_value());
}

TEST(loader, does_not_close_what_is_never_unloaded) {
  loader_options options;
  options.probe_limit = long_limit;
  options.unload_never = {"destructor_crashes"};
  const auto plain_loader = std::make_unique<loader>(options);
  const auto found = plain_loader->inspect(broken("destructor_crashes"));
  EXPECT_TRUE(found.has_value()) << found.error().message;
  options.unload_never = {};
  plain_loader->update(options);
  EXPECT_TRUE(plain_loader->inspect(broken("destructor_crashes")).has_error());
}

TEST(loader, takes_a_needed_library_that_the_settings_allow) {
  loader_options options;
  options.probe_limit = long_limit;
  options.allow_needed = {"libbroken_private.so"};
  const auto found = std::make_unique<loader>(options)->inspect(broken("private_needed"));
  EXPECT_TRUE(found.has_value()) << found.error().message;
}

TEST(loader, refuses_a_foreign_cpp_runtime_that_an_allowed_library_brings_along) {
  loader_options options;
  options.probe_limit = long_limit;
  options.allow_needed = {"libbroken_indirect.so"};
  const auto found = std::make_unique<loader>(options)->inspect(broken("foreign_runtime_behind"));
  ASSERT_TRUE(found.has_error());
  EXPECT_EQ(found.error().reason, refusal::foreign_runtime);
  EXPECT_THAT(found.error().message, HasSubstr("libc++.so.1"));
}

}  // namespace
}  // namespace scanhost::plugin
