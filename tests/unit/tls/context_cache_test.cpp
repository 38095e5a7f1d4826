// SPDX-License-Identifier: Apache-2.0
#include "tls/context_cache.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "support/certificates.hpp"
#include "support/files.hpp"

namespace scanhost::tls {
namespace {

using testing::HasSubstr;

class context_cache_test : public testing::Test {
 protected:
  context_cache_test() {
    write(issuer.certificate());
    trusting.ca_file = folder / "ca.pem";
  }

  // As rotations do it: a new file takes the place of the old one.
  void write(const std::string& text) {
    test_support::write(folder / "new.pem", text);
    std::filesystem::rename(folder / "new.pem", folder / "ca.pem");
  }

  std::shared_ptr<const context> find() {
    const auto found = cache.find(trusting);
    EXPECT_TRUE(found) << found.error().message;
    return found->context;
  }

  test_support::temporary_folder folder;
  test_support::authority issuer{"Test CA"};
  settings trusting;
  context_cache cache;
};

TEST_F(context_cache_test, shares_a_context_while_the_files_stay_as_they_are) { EXPECT_EQ(find(), find()); }

TEST_F(context_cache_test, shares_a_context_between_names_of_servers) {
  const auto first = find();
  trusting.server_name = "elsewhere";
  EXPECT_EQ(find(), first);
}

TEST_F(context_cache_test, has_a_context_for_each_settings) {
  const auto first = find();
  trusting.min_version = version::v1_3;
  EXPECT_NE(find(), first);
}

TEST_F(context_cache_test, makes_a_new_context_when_a_file_was_replaced) {
  const auto first = find();
  write(test_support::authority("Another").certificate());
  EXPECT_NE(find(), first);
}

TEST_F(context_cache_test, makes_a_new_context_when_a_folder_gets_another_file) {
  std::filesystem::create_directory(folder / "cas");
  test_support::write(folder / "cas/a", issuer.certificate());
  trusting.ca_file.clear();
  trusting.ca_dir = folder / "cas";
  const auto first = find();
  test_support::write(folder / "cas/b", test_support::authority("Another").certificate());
  EXPECT_NE(find(), first);
}

TEST_F(context_cache_test, keeps_the_last_good_context_and_warns_while_a_file_cannot_be_used) {
  const auto first = find();
  write("half");
  for (int i = 0; i < 2; ++i) {
    const auto found = cache.find(trusting);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->context, first);
    EXPECT_THAT(found->warning, HasSubstr("store.tls.ca_file: "));
    EXPECT_THAT(found->warning, HasSubstr("connections are made with the files as they were before"));
  }
  write(issuer.certificate());
  EXPECT_NE(find(), first);
  EXPECT_EQ(cache.find(trusting)->warning, "");
}

TEST_F(context_cache_test, fails_while_the_files_could_never_be_used) {
  write("half");
  EXPECT_EQ(cache.find(trusting).error().key, "ca_file");
  write(issuer.certificate());
  EXPECT_TRUE(cache.find(trusting));
}

}  // namespace
}  // namespace scanhost::tls
