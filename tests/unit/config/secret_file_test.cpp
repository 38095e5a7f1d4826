// SPDX-License-Identifier: Apache-2.0
//
// A secret that changes in its file.
#include "config/secret_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/files.hpp"

namespace scanhost::config {
namespace {

class secret_file_test : public ::testing::Test {
 protected:
  void write(const std::string& text) {
    std::ofstream(file) << text;
    std::filesystem::permissions(file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  // As if it had been written long ago, so that only a change counts.
  void age(int hours) {
    std::filesystem::last_write_time(
        file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours));
  }

  test_support::temporary_folder folder;
  std::filesystem::path file = folder.path() / "password";
};

TEST_F(secret_file_test, has_the_known_secret_until_the_file_says_otherwise) {
  write("one\n");
  secret_file watched(file, base::secret("one"));
  EXPECT_FALSE(watched.refresh());
  EXPECT_EQ(watched.value().reveal(), "one");
  write("two\n");
  EXPECT_TRUE(watched.refresh());
  EXPECT_FALSE(watched.refresh());
  EXPECT_EQ(watched.value().reveal(), "two");
}

TEST_F(secret_file_test, sees_a_secret_of_the_same_length_that_was_written_at_once) {
  write("aaa");
  secret_file watched(file, base::secret("aaa"));
  EXPECT_FALSE(watched.refresh());
  write("bbb");
  EXPECT_TRUE(watched.refresh());
}

TEST_F(secret_file_test, keeps_the_secret_while_the_file_cannot_be_used) {
  write("one");
  secret_file watched(file, base::secret("one"));
  watched.refresh();
  std::filesystem::remove(file);
  EXPECT_FALSE(watched.refresh());
  EXPECT_FALSE(watched.refresh());
  EXPECT_NE(watched.problem().find("password"), std::string::npos);
  EXPECT_EQ(watched.value().reveal(), "one");
}

TEST_F(secret_file_test, does_not_complain_of_a_file_that_is_half_written) {
  write("one");
  age(1);
  secret_file watched(file, base::secret("one"));
  watched.refresh();
  write("");
  EXPECT_FALSE(watched.refresh());
  EXPECT_EQ(watched.problem(), "");
  write("two");
  EXPECT_TRUE(watched.refresh());
  EXPECT_EQ(watched.problem(), "");
}

TEST_F(secret_file_test, complains_until_the_file_is_mended) {
  write("one");
  age(2);
  secret_file watched(file, base::secret("one"));
  watched.refresh();
  write("");
  age(1);
  watched.refresh();
  watched.refresh();
  EXPECT_NE(watched.problem(), "");
  watched.refresh();
  EXPECT_NE(watched.problem(), "");
  write("one");
  EXPECT_FALSE(watched.refresh());
  EXPECT_EQ(watched.problem(), "");
}

TEST(secret_without_file, never_changes) {
  secret_file none({}, base::secret("one"));
  EXPECT_FALSE(none.exists());
  EXPECT_FALSE(none.refresh());
  EXPECT_EQ(none.value().reveal(), "one");
}

}  // namespace
}  // namespace scanhost::config
