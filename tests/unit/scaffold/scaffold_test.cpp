// SPDX-License-Identifier: Apache-2.0
#include "scaffold/scaffold.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace scanhost::scaffold {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class a_folder : public ::testing::Test {
 protected:
  a_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "scanhost-scaffold-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~a_folder() override {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path path_;
};

std::vector<std::string> names_of(const std::vector<file>& files) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.name);
  return names;
}

TEST(new_plugin, has_templates_for_c_and_cpp) { EXPECT_THAT(languages(), ElementsAre("c", "cpp")); }

TEST(new_plugin, names_files_and_everything_in_them_after_the_plugin) {
  for (const auto& language : languages()) {
    const auto files = new_plugin("cart_sweeper", language);
    ASSERT_TRUE(files.has_value());
    const auto names = names_of(*files);
    for (const std::string name : {"CMakeLists.txt", "README.md", "scanhost.yaml", ".gitignore"})
      EXPECT_THAT(names, Contains(name)) << language;
    EXPECT_THAT(names, Contains("cart_sweeper_test." + language));
    EXPECT_THAT(names, Contains("cart_sweeper." + language));
    for (const auto& file : *files) EXPECT_THAT(file.text, Not(HasSubstr("my_scanner"))) << file.name;
  }
}

TEST(new_plugin, refuses_names_that_no_plugin_can_have) {
  for (const std::string name : {"", "Cart", "1st", "_x", "a-b", "a b", "../x", "caf\xc3\xa9"}) {
    const auto files = new_plugin(name, "cpp");
    ASSERT_TRUE(files.has_error()) << name;
    EXPECT_EQ(files.error().code, base::errc::usage);
    EXPECT_THAT(files.error().message, HasSubstr("lower-case letter"));
  }
  EXPECT_TRUE(new_plugin(std::string(65, 'a'), "cpp").has_error());
  EXPECT_TRUE(new_plugin(std::string(64, 'a'), "cpp").has_value());
}

TEST(new_plugin, refuses_names_that_mean_something_in_the_code) {
  for (const std::string name : {"class", "co_await", "scanner", "main", "host", "errno", "clean", "test"})
    EXPECT_THAT(new_plugin(name, "c").error().message, HasSubstr("has a meaning in the code")) << name;
}

TEST(new_plugin, refuses_a_language_without_templates) {
  EXPECT_THAT(new_plugin("a", "cobol").error().message, HasSubstr("cobol"));
}

TEST_F(a_folder, is_made_with_those_above_it) {
  const auto folder = path_ / "some" / "where";
  ASSERT_TRUE(write({{"a.txt", "one\n"}}, folder).has_value());
  std::ifstream in(folder / "a.txt");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "one\n");
}

TEST_F(a_folder, may_be_there_and_empty) { EXPECT_TRUE(write({{"a.txt", "one\n"}}, path_).has_value()); }

TEST_F(a_folder, keeps_what_is_in_it) {
  std::ofstream(path_ / "mine.txt") << "precious";
  const auto written = write({{"mine.txt", "one\n"}}, path_);
  ASSERT_TRUE(written.has_error());
  EXPECT_THAT(written.error().message, HasSubstr("is not empty"));
  std::ifstream in(path_ / "mine.txt");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "precious");
}

TEST_F(a_folder, is_no_file) {
  std::ofstream(path_ / "file") << "";
  EXPECT_THAT(write({{"a", ""}}, path_ / "file").error().message, HasSubstr("not a folder"));
}

TEST_F(a_folder, goes_again_when_a_file_cannot_be_written) {
  const auto folder = path_ / "new";
  const auto written = write({{"a", "x"}, {"no/such/folder", "x"}}, folder);
  ASSERT_TRUE(written.has_error());
  EXPECT_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace scanhost::scaffold
