// SPDX-License-Identifier: Apache-2.0
//
// Contexts from files: what is wrong with a file is told with its name, and nothing of its content.
#include "tls/context.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/certificates.hpp"
#include "support/files.hpp"

namespace scanhost::tls {
namespace {

using test_support::write;
using testing::HasSubstr;
using testing::Not;

class context_test : public testing::Test {
 protected:
  context_test() {
    write(folder / "ca.pem", issuer.certificate());
    write(folder / "cert.pem", pair.certificate);
    write_key(pair.key);
    with_client.ca_file = folder / "ca.pem";
    with_client.cert_file = folder / "cert.pem";
    with_client.key_file = folder / "key.pem";
  }

  void write_key(const std::string& key) {
    write(folder / "key.pem", key);
    ::chmod((folder / "key.pem").c_str(), 0600);
  }

  static file_problem problem_of(const settings& settings) {
    const auto shared = context::make(settings);
    EXPECT_FALSE(shared);
    return shared ? file_problem{} : shared.error();
  }

  settings trusting(const std::filesystem::path& file) const {
    settings settings;
    settings.ca_file = file;
    return settings;
  }

  test_support::temporary_folder folder;
  test_support::authority issuer{"Test CA"};
  test_support::key_pair pair = issuer.issue();
  settings with_client;
};

TEST_F(context_test, reads_authorities_certificate_and_key) {
  const auto shared = context::make(with_client);
  ASSERT_TRUE(shared) << shared.error().message;
  EXPECT_TRUE((*shared)->has_client_certificate());
  EXPECT_TRUE((*shared)->checks_server());
  EXPECT_TRUE((*shared)->warnings().empty());
}

TEST_F(context_test, has_another_fingerprint_when_the_content_of_a_file_changes) {
  const auto before = context::make(with_client);
  const auto same = context::make(with_client);
  const auto renewed = issuer.issue();
  write(folder / "cert.pem", renewed.certificate);
  write_key(renewed.key);
  const auto after = context::make(with_client);
  ASSERT_TRUE(before && same && after);
  EXPECT_EQ((*before)->fingerprint(), (*same)->fingerprint());
  EXPECT_NE((*before)->fingerprint(), (*after)->fingerprint());
}

TEST_F(context_test, trusts_all_certificates_of_a_folder_whatever_their_names) {
  std::filesystem::create_directory(folder / "cas");
  write(folder / "cas/readme", "not a certificate");
  write(folder / "cas/ours", issuer.certificate() + test_support::authority("Another").certificate());
  settings settings;
  settings.ca_dir = folder / "cas";
  EXPECT_TRUE(context::make(settings));
}

TEST_F(context_test, names_a_folder_without_certificates) {
  std::filesystem::create_directory(folder / "cas");
  settings settings;
  settings.ca_dir = folder / "cas";
  EXPECT_EQ(problem_of(settings).key, "ca_dir");
  EXPECT_THAT(problem_of(settings).message, HasSubstr("cas: none of its files has a certificate"));
  settings.ca_dir = folder / "none";
  EXPECT_THAT(problem_of(settings).message, HasSubstr("No such file"));
  settings.ca_dir = folder / "ca.pem";
  EXPECT_THAT(problem_of(settings).message, HasSubstr("ca.pem: it is not a folder; use ca_file"));
}

TEST_F(context_test, names_a_file_that_cannot_be_read) {
  const auto problem = problem_of(trusting(folder / "none.pem"));
  EXPECT_EQ(problem.key, "ca_file");
  EXPECT_THAT(problem.message, HasSubstr("none.pem: No such file"));
  EXPECT_THAT(problem_of(trusting(folder.path())).message, HasSubstr("is not a regular file"));
}

TEST_F(context_test, does_not_wait_for_a_pipe) {
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(problem_of(trusting(folder / "pipe")).message, HasSubstr("is not a regular file"));
}

TEST_F(context_test, names_a_file_without_a_certificate) {
  write(folder / "ca.pem", "hello");
  EXPECT_THAT(problem_of(with_client).message, HasSubstr("ca.pem: there is no certificate in PEM form"));
  write(folder / "ca.pem", "");
  EXPECT_THAT(problem_of(with_client).message, HasSubstr("ca.pem: there is no certificate in PEM form"));
}

TEST_F(context_test, names_the_certificate_of_a_file_that_is_incomplete) {
  const auto text = issuer.certificate();
  write(folder / "ca.pem", text + text.substr(0, text.size() / 2));
  EXPECT_THAT(problem_of(with_client).message, HasSubstr("ca.pem: certificate 2 cannot be read"));
}

TEST_F(context_test, refuses_a_file_that_everybody_may_write_to) {
  ::chmod((folder / "ca.pem").c_str(), 0666);
  EXPECT_THAT(problem_of(with_client).message, HasSubstr("everybody may write to"));
}

TEST_F(context_test, refuses_a_key_of_another_certificate) {
  write_key(issuer.issue().key);
  const auto problem = problem_of(with_client);
  EXPECT_EQ(problem.key, "key_file");
  EXPECT_THAT(problem.message, HasSubstr("does not belong to the certificate in"));
}

TEST_F(context_test, asks_for_no_passphrase_of_a_key) {
  write_key(test_support::encrypt_key(pair.key, "hunter2"));
  EXPECT_THAT(problem_of(with_client).message, HasSubstr("key.pem: the private key is encrypted"));
}

TEST_F(context_test, repeats_nothing_of_a_key_that_cannot_be_read) {
  const auto damaged = pair.key.substr(0, 60) + "!" + pair.key.substr(61);
  write_key(damaged);
  const auto problem = problem_of(with_client);
  EXPECT_THAT(problem.message, HasSubstr("key.pem: the private key cannot be read"));
  EXPECT_THAT(problem.message, Not(HasSubstr(damaged.substr(30, 8))));
  write_key("hello");
  EXPECT_THAT(problem_of(with_client).message, HasSubstr("key.pem: there is no private key in PEM form"));
}

TEST_F(context_test, warns_of_a_key_that_everybody_may_read) {
  ::chmod((folder / "key.pem").c_str(), 0644);
  const auto shared = context::make(with_client);
  ASSERT_TRUE(shared);
  ASSERT_EQ((*shared)->warnings().size(), 1u);
  EXPECT_EQ((*shared)->warnings()[0].key, "key_file");
  EXPECT_THAT((*shared)->warnings()[0].message, HasSubstr("everybody may read the private key"));
}

TEST_F(context_test, warns_of_a_client_certificate_that_has_expired) {
  const auto old = issuer.issue({"client", {}, std::chrono::hours(-48), std::chrono::hours(-24)});
  write(folder / "cert.pem", old.certificate);
  write_key(old.key);
  const auto shared = context::make(with_client);
  ASSERT_TRUE(shared);
  ASSERT_EQ((*shared)->warnings().size(), 1u);
  EXPECT_THAT((*shared)->warnings()[0].message, HasSubstr("the client certificate expired on 20"));
}

TEST_F(context_test, reads_the_authorities_of_the_system_if_no_others_are_named) {
  EXPECT_TRUE(context::make({}));
}

}  // namespace
}  // namespace scanhost::tls
