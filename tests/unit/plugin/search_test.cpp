// SPDX-License-Identifier: Apache-2.0
//
// Folders with several plugins: which files count, and which plugins exclude each other.
#include "plugin/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/loader.hpp"
#include "unit/plugin/plugin_files.hpp"

namespace scanhost::plugin {
namespace {

using test::temporary_folder;
using testing::ElementsAre;
using testing::HasSubstr;

found_plugin plugin(const std::string& file, const std::string& name, const std::string& sha256 = "1") {
  found_plugin result;
  result.file = file;
  result.description.name = name;
  result.description.families = {{"shard", "{shard:*}", 4, "", ""}};
  result.sha256 = sha256;
  return result;
}

class search : public testing::Test {
 protected:
  static catalogue run(const std::vector<std::filesystem::path>& folders,
                       const std::vector<std::string>& plugin_names) {
    loader_options options;
    options.probe_limit = base::milliseconds(60'000);
    return std::make_unique<loader>(options)->search(folders, plugin_names);
  }
  temporary_folder first_;
  temporary_folder second_;
};

TEST_F(search, finds_the_plugins_and_the_refused_of_all_folders) {
  first_.put("good", "good");
  second_.put("noisy", "noisy");
  second_.put("bad_magic", "bad_magic");
  test::write(second_.path() / "readme.txt", "not looked at");
  const auto found = run({first_.path(), second_.path()}, {});
  EXPECT_TRUE(found.plugins.contains("good"));
  EXPECT_TRUE(found.plugins.contains("noisy"));
  ASSERT_EQ(found.refused.size(), 1U);
  EXPECT_EQ(found.refused[0].name, "bad_magic");
}

TEST_F(search, looks_only_at_the_files_that_are_wanted) {
  first_.put("good", "good");
  first_.put("bad_magic", "bad_magic");
  const auto found = run({first_.path()}, {"good"});
  EXPECT_EQ(found.plugins.size(), 1U);
  EXPECT_TRUE(found.refused.empty());
}

TEST_F(search, refuses_the_same_plugin_in_a_later_folder_and_names_both_files) {
  const auto first = first_.put("good", "good");
  const auto second = second_.put("good", "copy_of_good");
  const auto found = run({first_.path(), second_.path()}, {});
  EXPECT_EQ(found.plugins.at("good").file, first);
  ASSERT_EQ(found.refused.size(), 1U);
  EXPECT_EQ(found.refused[0].error.reason, refusal::duplicate_name);
  EXPECT_THAT(found.refused[0].error.message, HasSubstr(first.string()));
  EXPECT_THAT(found.refused[0].error.message, HasSubstr(second.string()));
  EXPECT_THAT(found.refused[0].error.message, HasSubstr("the same bytes"));
}

TEST_F(search, takes_a_folder_that_is_given_twice_once) {
  first_.put("good", "good");
  std::filesystem::create_symlink(first_.path() / "good.so", second_.path() / "good.so");
  const auto found = run({first_.path(), first_.path(), second_.path()}, {"good"});
  EXPECT_EQ(found.plugins.size(), 1U);
  EXPECT_TRUE(found.refused.empty());
}

TEST_F(search, lets_two_plugins_describe_families_of_one_name) {
  first_.put("good", "good");
  first_.put("other_family", "other_family");
  const auto found = run({first_.path()}, {});
  EXPECT_TRUE(found.refused.empty());
  EXPECT_EQ(found.plugins.at("good").description.families[0].default_count, 4U);
  EXPECT_EQ(found.plugins.at("other_family").description.families[0].default_count, 5U);
}

TEST_F(search, says_when_a_wanted_file_holds_a_plugin_of_another_name) {
  first_.put("other_name", "other_name");
  const auto found = run({first_.path()}, {"other_name"});
  EXPECT_TRUE(found.plugins.empty());
  ASSERT_EQ(found.refused.size(), 1U);
  EXPECT_THAT(found.refused[0].error.message, HasSubstr("holds the plugin 'another_name', not 'other_name'"));
}

TEST_F(search, takes_the_name_of_the_descriptor_when_nothing_is_wanted) {
  first_.put("other_name", "other_name");
  EXPECT_TRUE(run({first_.path()}, {}).plugins.contains("another_name"));
}

TEST_F(search, says_where_a_wanted_plugin_was_missed) {
  const auto found = run({first_.path(), second_.path() / "gone"}, {"nobody"});
  ASSERT_EQ(found.refused.size(), 1U);
  EXPECT_EQ(found.refused[0].name, "nobody");
  EXPECT_EQ(found.refused[0].error.reason, refusal::missing_file);
  EXPECT_THAT(found.refused[0].error.message, HasSubstr(first_.path().string()));
}

TEST_F(search, suggests_the_plugin_that_was_probably_meant) {
  first_.put("good", "lease_expiry");
  const auto found = run({first_.path()}, {"lease_expire"});
  ASSERT_EQ(found.refused.size(), 1U);
  EXPECT_THAT(found.refused[0].error.message, HasSubstr("did you mean 'lease_expiry'?"));
}

TEST_F(search, lists_folders_in_order_and_files_by_name) {
  const auto b = first_.put("good", "b");
  const auto a = first_.put("good", "a");
  const auto c = second_.put("good", "0");
  EXPECT_THAT(plugin_files({first_.path(), second_.path()}, {}), ElementsAre(a, b, c));
}

TEST(collector, says_when_a_duplicate_has_other_bytes) {
  collector collected({});
  collected.add("/p/one.so", plugin("/p/one.so", "one", "1"));
  collected.add("/q/one.so", plugin("/q/one.so", "one", "2"));
  const auto found = std::move(collected).finish({});
  EXPECT_EQ(found.plugins.at("one").file, "/p/one.so");
  EXPECT_THAT(found.refused.at(0).error.message, HasSubstr("other bytes"));
}

}  // namespace
}  // namespace scanhost::plugin
