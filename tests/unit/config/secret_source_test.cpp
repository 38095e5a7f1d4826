// SPDX-License-Identifier: Apache-2.0
//
// Secrets from files and from the environment.
#include "config/secret_source.hpp"

#include <gmock/gmock.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

namespace scanhost::config {
namespace {

using testing::HasSubstr;

class secret_source : public testing::Test {
 protected:
  secret_source() {
    std::string name = (std::filesystem::temp_directory_path() / "scanhost-secret-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~secret_source() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file(const std::string& text, mode_t mode = 0600) const {
    const auto path = folder_ / "password";
    std::ofstream(path, std::ios::binary) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }

  // Runs `body` on a thread that has no more access to files than other users have; root may read every file.
  void run_as_nobody(const std::function<void()>& body) const {
    ::chmod(folder_.c_str(), 0711);
    std::thread([&] {
      if (::geteuid() == 0) ::setfsuid(nobody);
      body();
    }).join();
    ::prctl(PR_SET_DUMPABLE, 1);  // the kernel took it away, and LeakSanitizer needs it
  }

  static constexpr uid_t nobody = 65534;
  std::filesystem::path folder_;
};

TEST_F(secret_source, takes_a_token_that_fits_into_a_header) {
  EXPECT_EQ(token_from_file(file("0123456789abcdef\n"))->value.reveal(), "0123456789abcdef");
  EXPECT_THAT(token_from_file(file("0123456789abcde")).error().message,
              HasSubstr("shorter than 16 characters"));
  for (const char* text :
       {"0123456789 abcdef", "0123456789abcdef\n\n", "0123456789abcdef\x7f", "0123456789abcd\xc3\xa9"}) {
    const auto token = token_from_file(file(text));
    ASSERT_FALSE(token) << text;
    EXPECT_THAT(token.error().message, HasSubstr("one word of visible ASCII characters"));
    EXPECT_THAT(token.error().message, testing::Not(HasSubstr("0123456789")));
  }
}

TEST_F(secret_source, takes_a_file_without_the_newline_at_its_end) {
  EXPECT_EQ(secret_from_file(file("hunter2\n"))->value.reveal(), "hunter2");
  EXPECT_EQ(secret_from_file(file("hunter2\r\n"))->value.reveal(), "hunter2");
  EXPECT_EQ(secret_from_file(file(" two words \n\n"))->value.reveal(), " two words \n");
}

TEST_F(secret_source, refuses_an_empty_file) {
  EXPECT_THAT(secret_from_file(file("\n")).error().message, HasSubstr("is empty"));
}

TEST_F(secret_source, refuses_what_is_no_file) {
  EXPECT_THAT(secret_from_file(folder_).error().message, HasSubstr("not a regular file"));
  EXPECT_THAT(secret_from_file(folder_ / "nothing").error().message, HasSubstr("No such file"));
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(secret_from_file(pipe).error().message, HasSubstr("not a regular file"));
}

TEST_F(secret_source, refuses_a_file_that_is_too_long_for_a_password) {
  EXPECT_THAT(secret_from_file(file(std::string(100'000, 'x'))).error().message,
              HasSubstr("longer than 64 KiB"));
}

TEST_F(secret_source, refuses_a_file_that_cannot_be_opened) {
  const auto path = file("hunter2", 0);
  std::string message;
  run_as_nobody([&] { message = secret_from_file(path).error().message; });
  EXPECT_THAT(message, HasSubstr("password"));
  EXPECT_THAT(message, HasSubstr("Permission denied"));
}

TEST_F(secret_source, refuses_a_file_that_everybody_may_write) {
  EXPECT_THAT(secret_from_file(file("hunter2", 0602)).error().message, HasSubstr("chmod o-w"));
}

TEST_F(secret_source, warns_of_a_file_that_everybody_may_read) {
  EXPECT_THAT(secret_from_file(file("hunter2", 0644))->warning, HasSubstr("chmod o-r"));
  EXPECT_EQ(secret_from_file(file("hunter2", 0640))->warning, "");
}

TEST_F(secret_source, warns_of_bytes_that_are_hardly_meant_to_be_part_of_a_secret) {
  EXPECT_THAT(secret_from_file(file("\xEF\xBB\xBFhunter2"))->warning, HasSubstr("byte order mark"));
  EXPECT_THAT(secret_from_file(file("hunter2\n\n"))->warning, HasSubstr("more than one line break"));
  EXPECT_THAT(secret_from_file(file(" hunter2"))->warning, HasSubstr("begins with white space"));
  EXPECT_THAT(secret_from_file(file("hunter2 \n"))->warning, HasSubstr("ends with white space"));
  EXPECT_EQ(secret_from_file(file("two words\r\n"))->warning, "");
}

TEST_F(secret_source, does_not_show_a_secret_that_it_warns_of) {
  EXPECT_EQ(secret_from_file(file("hunter2\n\n"))->warning.find("hunter2"), std::string::npos);
}

TEST_F(secret_source, takes_a_variable_of_the_environment) {
  ::setenv("SCANHOST_TEST_SECRET", "hunter2", 1);
  EXPECT_EQ(secret_from_environment("SCANHOST_TEST_SECRET")->value.reveal(), "hunter2");
  ::setenv("SCANHOST_TEST_SECRET", "", 1);
  EXPECT_THAT(secret_from_environment("SCANHOST_TEST_SECRET").error().message, HasSubstr("is empty"));
  ::unsetenv("SCANHOST_TEST_SECRET");
  EXPECT_THAT(secret_from_environment("SCANHOST_TEST_SECRET").error().message, HasSubstr("is not set"));
}

TEST_F(secret_source, does_not_repeat_a_password_that_was_written_instead_of_a_variable) {
  EXPECT_THAT(secret_from_environment("hunter2!").error().message, testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace scanhost::config
