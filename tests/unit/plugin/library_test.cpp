// SPDX-License-Identifier: Apache-2.0
//
// Open plugins: each has its own copy, which does not change whatever happens to the file.
#include "plugin/library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/loader.hpp"
#include "plugin/staging.hpp"
#include "unit/plugin/plugin_files.hpp"

namespace scanhost::plugin {
namespace {

using test::temporary_folder;
using testing::HasSubstr;

class libraries : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = staging::open(place_.path());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    staging_ = std::move(*opened);
    loader_options options;
    options.staging = staging_->folder();
    options.probe_limit = base::milliseconds(60'000);
    loader_ = std::make_unique<loader>(options);
  }

  found_plugin inspect(const std::filesystem::path& file) {
    return std::move(loader_->inspect(file)).value();
  }
  std::unique_ptr<library> open(const found_plugin& found) {
    return std::move(loader_->open(found, false)).value();
  }

  // How often the copy's entry was called, from a global variable of the plugin.
  static int& entered(const library& plugin) {
    return *static_cast<int*>(const_cast<void*>(plugin.descriptor().get_extension({})));
  }

  temporary_folder place_;
  temporary_folder folder_;
  std::unique_ptr<staging> staging_;
  std::unique_ptr<loader> loader_;
};

TEST_F(libraries, of_one_file_share_no_globals) {
  const auto found = inspect(test::broken("good"));
  const auto first = open(found);
  const auto two = open(found);
  EXPECT_NE(first->file(), two->file());
  entered(*first) = 100;
  EXPECT_EQ(entered(*two), 1);
}

TEST_F(libraries, carry_the_checked_description_and_the_hash_of_the_file) {
  const auto found = inspect(test::broken("good"));
  const auto library = open(found);
  EXPECT_EQ(library->description().name, "good");
  EXPECT_EQ(library->sha256(), found.sha256);
  EXPECT_EQ(test::contents(library->file()), test::contents(test::broken("good")));
}

TEST_F(libraries, do_not_care_what_becomes_of_the_file) {
  const auto file = folder_.put("good", "good");
  const auto found = inspect(file);
  const auto first = open(found);
  std::filesystem::resize_file(file, 100);
  EXPECT_EQ(entered(*first), 1);
  test::write(file, "something else");
  const auto two = open(found);
  EXPECT_EQ(entered(*two), 1);
  std::filesystem::remove(file);
  const auto three = open(found);
  EXPECT_STREQ(three->description().name.c_str(), "good");
}

#ifndef LIBRARIES_ARE_KEPT  // as builds with AddressSanitizer do
TEST_F(libraries, are_unmapped_when_they_are_closed) {
  auto library = open(inspect(test::broken("good")));
  const auto file = library->file();
  EXPECT_TRUE(still_mapped(file));
  library.reset();
  EXPECT_FALSE(still_mapped(file));
  EXPECT_FALSE(std::filesystem::exists(file));
}
#endif

TEST_F(libraries, stay_mapped_when_they_are_kept) {
  auto library = open(inspect(test::broken("good")));
  const auto file = library->file();
  const auto* create = reinterpret_cast<const void*>(library->descriptor().create);
  library->keep();
  library.reset();
  EXPECT_TRUE(still_mapped(file));
  EXPECT_NE(create, nullptr);
}

TEST_F(libraries, are_refused_when_a_file_without_a_copy_has_changed_since_it_was_probed) {
  const auto file = folder_.put("good", "good");
  auto found = inspect(file);
  found.copy.reset();
  std::filesystem::copy_file(test::broken("noisy"), file, std::filesystem::copy_options::overwrite_existing);
  const auto opened = loader_->open(found, false);
  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().reason, refusal::open_failed);
  EXPECT_THAT(opened.error().message, HasSubstr("probe it again"));
}

TEST_F(libraries, with_gnu_unique_symbols_are_opened_only_where_that_is_allowed) {
  loader_options options;
  options.staging = staging_->folder();
  options.never_unloaded = true;
  options.probe_limit = base::milliseconds(60'000);
  const auto lenient = std::make_unique<loader>(options);
  const auto found = std::move(lenient->inspect(test::broken("gnu_unique"))).value();
  const auto refused = lenient->open(found, false);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().reason, refusal::gnu_unique);
  EXPECT_TRUE(lenient->open(found, true).has_value());
}

TEST_F(libraries, leave_nothing_in_the_staging_folder) {
  const auto count = [&] {
    return std::distance(std::filesystem::directory_iterator(staging_->folder()),
                         std::filesystem::directory_iterator());
  };
  const auto before = count();
  { const auto library = open(inspect(test::broken("good"))); }
  EXPECT_EQ(count(), before);
}

TEST(libraries_without_staging, cannot_be_opened) {
  const auto plain_loader = std::make_unique<loader>(loader_options{});
  const auto opened = plain_loader->open({test::broken("good"), {}, {}, {}}, false);
  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().reason, refusal::staging_failed);
}

}  // namespace
}  // namespace scanhost::plugin
