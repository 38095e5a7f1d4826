// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "support/certificates.hpp"
#include "support/files.hpp"
#include "unit/config/loading.hpp"

namespace scanhost::config {
namespace {

using test_support::write;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class tls_keys_test : public testing::Test {
 protected:
  tls_keys_test() {
    const auto pair = issuer.issue();
    write(folder / "ca.pem", issuer.certificate());
    write(folder / "cert.pem", pair.certificate);
    write(folder / "key.pem", pair.key);
    ::chmod((folder / "key.pem").c_str(), 0600);
  }

  document read(const std::string& tls, const std::string& url = "rediss://db") const {
    return document(fmt::format("store:\n  url: {}\n  tls: {{{}}}\nscanners: {{a: {{}}}}\n", url, tls),
                    "f.yaml", folder.path());
  }

  std::vector<std::string> problems(const std::string& tls, const std::string& url = "rediss://db") const {
    std::vector<std::string> lines;
    for (const auto& problem : read(tls, url).problems())
      lines.push_back(fmt::format("{}: {}", problem.line, problem.message));
    return lines;
  }

  test_support::temporary_folder folder;
  test_support::authority issuer{"Test CA"};
};

TEST_F(tls_keys_test, are_all_read) {
  const auto found = read(
      "ca_file: ca.pem, cert_file: cert.pem, key_file: key.pem, server_name: db.example, min_version: 1.3");
  ASSERT_THAT(found.problems(), IsEmpty());
  const auto& tls = found.store().tls;
  ASSERT_TRUE(tls);
  EXPECT_EQ(tls->ca_file, folder / "ca.pem");
  EXPECT_EQ(tls->cert_file, folder / "cert.pem");
  EXPECT_EQ(tls->key_file, folder / "key.pem");
  EXPECT_EQ(tls->server_name, "db.example");
  EXPECT_EQ(tls->min_version, tls::version::v1_3);
  EXPECT_FALSE(tls->insecure);
  EXPECT_EQ(found.store().tls_fingerprint.size(), 64u);
}

TEST_F(tls_keys_test, have_defaults) {
  for (const auto* url : {"rediss://db", "valkeys://db"}) {
    const document found(fmt::format("store: {{url: '{}'}}\nscanners: {{a: {{}}}}\n", url), "f.yaml", "/");
    EXPECT_THAT(found.problems(), IsEmpty());
    EXPECT_EQ(found.store().tls, tls::settings{});
  }
  EXPECT_FALSE(document("store: {url: redis://db}\nscanners: {a: {}}\n", "f.yaml", "/").store().tls);
}

TEST_F(tls_keys_test, take_a_folder_of_authorities) {
  EXPECT_EQ(read("ca_dir: .").store().tls->ca_dir, folder.path() / "");
}

TEST_F(tls_keys_test, have_no_effect_without_a_url_that_asks_for_tls) {
  for (const auto* url : {"redis://db", "unix:///run/db.sock"})
    EXPECT_THAT(problems("ca_file: ca.pem", url), ElementsAre(HasSubstr("3: store.tls has no effect")));
}

TEST_F(tls_keys_test, name_a_file_that_cannot_be_used) {
  EXPECT_THAT(problems("ca_file: none.pem"),
              ElementsAre("3: store.tls.ca_file: cannot read " + (folder / "none.pem").string() +
                          ": No such file or directory"));
  EXPECT_THAT(problems("ca_file: key.pem"), ElementsAre(HasSubstr("there is no certificate in PEM form")));
}

TEST_F(tls_keys_test, need_a_certificate_and_its_key) {
  EXPECT_THAT(problems("cert_file: cert.pem"), ElementsAre(HasSubstr("store.tls.key_file is missing")));
  EXPECT_THAT(problems("key_file: key.pem"), ElementsAre(HasSubstr("store.tls.cert_file is missing")));
}

TEST_F(tls_keys_test, contradict_each_other) {
  EXPECT_THAT(problems("ca_file: ca.pem, ca_dir: ."), ElementsAre(HasSubstr("store.tls.ca_file (line 3)")));
  EXPECT_THAT(problems("ca_file: ca.pem, insecure: true"),
              ElementsAre(HasSubstr("store.tls.insecure: store.tls.ca_file (line 3)")));
}

TEST_F(tls_keys_test, have_values_of_their_kinds) {
  EXPECT_THAT(problems("min_version: 1.1"), ElementsAre(HasSubstr("expected 1.2 or 1.3, found '1.1'")));
  EXPECT_THAT(problems("server_name: 'db:6379'"), ElementsAre(HasSubstr("'db:6379' is not a host name")));
  EXPECT_THAT(problems("server_name: ''"), ElementsAre(HasSubstr("is not a host name")));
  EXPECT_THAT(problems("ca_file: ''"), ElementsAre(HasSubstr("expected a path")));
  EXPECT_THAT(problems("insecure: yes"), ElementsAre(HasSubstr("expected true or false")));
  EXPECT_THAT(problems("ca: ca.pem"), ElementsAre(HasSubstr("unknown key 'ca' in store.tls")));
}

TEST_F(tls_keys_test, warn_where_the_server_is_not_checked) {
  EXPECT_THAT(
      lines_of(read("insecure: true").warnings()),
      ElementsAre(HasSubstr("f.yaml:3: store.tls.insecure: the server's certificate is not checked")));
}

TEST_F(tls_keys_test, warn_of_a_key_that_everybody_may_read) {
  ::chmod((folder / "key.pem").c_str(), 0644);
  EXPECT_THAT(lines_of(read("cert_file: cert.pem, key_file: key.pem").warnings()),
              ElementsAre(HasSubstr("f.yaml:3: store.tls.key_file: ")));
}

}  // namespace
}  // namespace scanhost::config
