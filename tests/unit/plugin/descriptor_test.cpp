// SPDX-License-Identifier: Apache-2.0
//
// Copying descriptors: growing structs of other sizes, and the rules of a description.
#include "plugin/descriptor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "broken_plugins/good.h"

namespace scanhost::plugin {
namespace {

using testing::HasSubstr;

class descriptors : public testing::Test {
 protected:
  descriptors() { make_good(&raw_, &family_, "sample"); }
  load_result<checked_descriptor> read() const { return read_descriptor(&raw_, "x.so"); }

  scanhost_plugin raw_{};
  scanhost_family family_{};
};

TEST_F(descriptors, are_copied_into_the_hosts_own_memory) {
  std::string name = "sample";
  raw_.name = {name.data(), name.size()};
  const auto checked = std::move(read()).value();
  name.assign("xxxxxx");
  EXPECT_EQ(checked.description.name, "sample");
  EXPECT_EQ(checked.description.licence, "Apache-2.0");
  EXPECT_EQ(checked.raw.create, raw_.create);
}

TEST_F(descriptors, of_an_older_and_shorter_layout_have_zero_for_the_rest) {
  raw_.begin_cycle = [](void*, scanhost_scan*, std::uint64_t) {};
  raw_.struct_size = offsetof(scanhost_plugin, begin_cycle);
  EXPECT_EQ(std::move(read()).value().raw.begin_cycle, nullptr);
}

TEST_F(descriptors, of_a_newer_and_longer_layout_are_read_as_far_as_known) {
  raw_.struct_size = sizeof raw_ + 64;
  raw_.abi_minor_built = SCANHOST_ABI_MINOR + 3;
  EXPECT_TRUE(read().has_value());
}

TEST_F(descriptors, are_walked_by_the_stride_of_the_plugin) {
  struct longer_option {
    scanhost_option known;
    std::array<char, 40> later;
  };
  std::array<longer_option, 2> options{};
  for (std::size_t i = 0; i < options.size(); ++i) {
    std::memset(options[i].later.data(), 0x5a, options[i].later.size());
    options[i].known.struct_size = sizeof(longer_option);
    options[i].known.type = SCANHOST_OPTION_INTEGER;
    options[i].known.name = text_of(i == 0 ? "first" : "second");
  }
  raw_.options = &options[0].known;
  raw_.option_count = options.size();
  raw_.option_stride = sizeof(longer_option);
  const auto checked = std::move(read()).value();
  EXPECT_EQ(checked.description.options.at(1).name, "second");
}

TEST_F(descriptors, with_a_bad_rule_are_refused) {
  const auto reason = [&] { return read().error().reason; };
  raw_.name = text_of("Sample");
  EXPECT_EQ(reason(), refusal::bad_descriptor);
  raw_.name = text_of("sample");
  raw_.default_interval_ms = 99;
  EXPECT_EQ(reason(), refusal::bad_descriptor);
  raw_.default_interval_ms = ~std::uint64_t{0};  // 584 million years: absurd, but valid
  EXPECT_TRUE(read().has_value());
  raw_.default_page_size = 0;
  EXPECT_EQ(reason(), refusal::bad_descriptor);
  raw_.default_page_size = 1;
  raw_.summary = text_of("two\nlines");
  EXPECT_EQ(reason(), refusal::bad_descriptor);
  raw_.summary = {};
  raw_.metric_prefix = text_of("not a metric");
  EXPECT_EQ(reason(), refusal::bad_descriptor);
}

TEST_F(descriptors, with_a_bad_family_are_refused) {
  const auto message = [&] { return read().error().message; };
  for (const char* pattern : {"", "shard:*", "{}", "{a*b*}", "{{*}}", "x{*}"}) {
    family_.tag_pattern = text_of(pattern);
    EXPECT_THAT(message(), HasSubstr("tag pattern")) << pattern;
  }
  family_.tag_pattern = text_of("{shard:*}");
  for (const std::uint32_t count : {0U, 65'536U}) {
    family_.default_count = count;
    EXPECT_THAT(message(), HasSubstr("1 to 65535"));
  }
  family_.default_count = 65'535;
  EXPECT_TRUE(read().has_value());
  family_.count_key = text_of("counts");
  EXPECT_THAT(message(), HasSubstr("both or none"));
}

TEST_F(descriptors, may_have_one_constant_tag_instead_of_a_number_of_partitions) {
  family_.tag_pattern = text_of("{main}");
  EXPECT_THAT(read().error().message, HasSubstr("the constant tag '{main}' and a number of partitions"));
  for (const std::uint32_t count : {0U, 1U}) {
    family_.default_count = count;
    EXPECT_TRUE(read().has_value());
  }
  family_.count_key = family_.count_field = text_of("counts");
  EXPECT_THAT(read().error().message, HasSubstr("write one * into its tag pattern"));
}

TEST_F(descriptors, may_list_the_members_of_the_family_that_is_swept) {
  family_.default_count = 0;
  family_.members = SCANHOST_MEMBERS_FROM_KEY;
  EXPECT_THAT(read().error().message, HasSubstr("names no key in members_from"));
  family_.members_from = text_of("queues");
  const auto checked = read();
  ASSERT_TRUE(checked.has_value()) << checked.error().message;
  EXPECT_EQ(checked->description.families[0].members, config::member_source::key);
  EXPECT_EQ(checked->description.families[0].members_from, "queues");
}

TEST_F(descriptors, with_a_listed_family_that_contradicts_itself_are_refused) {
  const auto message = [&] { return read().error().message; };
  family_.members = SCANHOST_MEMBERS_FROM_KEY;
  family_.members_from = text_of("queues");
  EXPECT_THAT(message(), HasSubstr("has a count; leave default_count, count_key and count_field empty"));
  family_.default_count = 0;
  family_.tag_pattern = text_of("{main}");
  EXPECT_THAT(message(), HasSubstr("no * for the member"));
  family_.tag_pattern = text_of("{*}");
  family_.members = 4;
  EXPECT_THAT(message(), HasSubstr("unknown kind of members 4"));
  family_.members = SCANHOST_MEMBERS_COUNTED;
  family_.default_count = 4;
  EXPECT_THAT(message(), HasSubstr("has members_from, but its members are counted"));
}

TEST_F(descriptors, take_members_from_an_option_that_is_a_text_list) {
  family_.default_count = 0;
  family_.members = SCANHOST_MEMBERS_FROM_OPTION;
  family_.members_from = text_of("queues");
  EXPECT_THAT(read().error().message, HasSubstr("the option 'queues', which is not in its table"));
  scanhost_option queues{};
  queues.struct_size = sizeof queues;
  queues.name = text_of("queues");
  queues.type = SCANHOST_OPTION_TEXT;
  raw_.options = &queues;
  raw_.option_count = 1;
  raw_.option_stride = sizeof queues;
  EXPECT_THAT(read().error().message, HasSubstr("which is of another type"));
  queues.type = SCANHOST_OPTION_TEXT_LIST;
  EXPECT_TRUE(read().has_value());
}

TEST_F(descriptors, need_a_begin_cycle_to_name_members) {
  family_.default_count = 0;
  family_.members = SCANHOST_MEMBERS_FROM_PLUGIN;
  EXPECT_THAT(read().error().message, HasSubstr("`begin_cycle` is null"));
  raw_.begin_cycle = [](void*, scanhost_scan*, std::uint64_t) {};
  EXPECT_TRUE(read().has_value());
  family_.members_from = text_of("queues");
  EXPECT_THAT(read().error().message, HasSubstr("although the plugin names the members"));
}

TEST_F(descriptors, list_the_members_of_their_first_family_only) {
  scanhost_family families[] = {family_, family_};
  families[1].name = text_of("queue");
  families[1].default_count = 0;
  families[1].members = SCANHOST_MEMBERS_FROM_KEY;
  families[1].members_from = text_of("queues");
  raw_.families = families;
  raw_.family_count = 2;
  EXPECT_THAT(read().error().message, HasSubstr("'queue' is listed, but not its first"));
}

TEST_F(descriptors, may_name_the_hosts_families_without_describing_them) {
  for (const char* name : {"node", "single"}) {
    family_.name = text_of(name);
    family_.tag_pattern = {};
    family_.default_count = 0;
    EXPECT_TRUE(read().has_value());
  }
  family_.tag_pattern = text_of("{shard:*}");
  EXPECT_THAT(read().error().message, HasSubstr("belongs to the host"));
}

TEST_F(descriptors, that_need_a_newer_minor_are_refused_with_their_name_and_what_to_do) {
  raw_.abi_minor_required = SCANHOST_ABI_MINOR + 1;
  const auto refused = read().error();
  EXPECT_EQ(refused.reason, refusal::newer_minor);
  EXPECT_THAT(refused.message, HasSubstr("plugin sample 1.2.3 needs plugin ABI"));
}

TEST_F(descriptors, need_a_library_for_their_optional_functions) {
  const scanhost_string function = TEXT("use_it");
  raw_.optional_functions = &function;
  raw_.optional_function_count = 1;
  EXPECT_EQ(read().error().reason, refusal::bad_descriptor);
  raw_.function_library = text_of("library");
  ASSERT_TRUE(read().has_value());
  EXPECT_EQ(read()->description.optional_functions, std::vector<std::string>{"use_it"});
  EXPECT_TRUE(read()->description.functions.empty());
}

TEST_F(descriptors, need_a_library_for_their_functions) {
  const scanhost_string function = TEXT("do_it");
  raw_.functions = &function;
  raw_.function_count = 1;
  EXPECT_EQ(read().error().reason, refusal::bad_descriptor);
  raw_.function_library = text_of("library");
  EXPECT_TRUE(read().has_value());
  raw_.function_library = text_of("../library");
  EXPECT_EQ(read().error().reason, refusal::bad_descriptor);
}

}  // namespace
}  // namespace scanhost::plugin
