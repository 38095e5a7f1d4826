// SPDX-License-Identifier: Apache-2.0
//
// The client's side of TLS against a server in the same process, without sockets.
#include "tls/engine.hpp"

#include <gmock/gmock.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "support/certificates.hpp"
#include "support/files.hpp"

namespace scanhost::tls {
namespace {

using test_support::authority;
using test_support::certificate_options;
using test_support::key_pair;
using testing::HasSubstr;
using namespace std::chrono_literals;

class tls_server {
 public:
  explicit tls_server(const key_pair& pair) {
    const std::shared_ptr<BIO> certificate(BIO_new_mem_buf(pair.certificate.data(), -1), &BIO_free_all);
    const std::shared_ptr<BIO> key(BIO_new_mem_buf(pair.key.data(), -1), &BIO_free_all);
    const std::shared_ptr<X509> own(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr),
                                    &X509_free);
    const std::shared_ptr<EVP_PKEY> secret(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr),
                                           &EVP_PKEY_free);
    EXPECT_EQ(SSL_CTX_use_certificate(context(), own.get()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context(), secret.get()), 1);
  }

  SSL_CTX* context() const { return context_.get(); }

  // Trusts this authority, and wants a certificate of it.
  void want_client_certificate(const authority& trusted) {
    const std::shared_ptr<BIO> text(BIO_new_mem_buf(trusted.certificate().data(), -1), &BIO_free_all);
    const std::shared_ptr<X509> issuer(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), &X509_free);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context()), issuer.get());
    SSL_CTX_set_verify(context(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }

  // Takes the client's bytes and returns its own.
  std::string answer(std::string_view bytes) {
    if (!handle_) begin();
    BIO_write(arrived_, bytes.data(), static_cast<int>(bytes.size()));
    std::string text(1 << 16, '\0');
    for (int size = 1; size > 0;) {
      size = SSL_read(handle_.get(), text.data(), static_cast<int>(text.size()));
      if (size > 0) received.append(text, 0, static_cast<std::size_t>(size));
    }
    return output();
  }

  std::string say(std::string_view text) {
    SSL_write(handle_.get(), text.data(), static_cast<int>(text.size()));
    return output();
  }

  std::string end() {
    SSL_shutdown(handle_.get());
    return output();
  }

  std::string name_asked() const {
    const char* name = SSL_get_servername(handle_.get(), TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
  }

  std::string received;

 private:
  void begin() {
    handle_.reset(SSL_new(context()), &SSL_free);
    arrived_ = BIO_new(BIO_s_mem());
    departing_ = BIO_new(BIO_s_mem());
    SSL_set_bio(handle_.get(), arrived_, departing_);
    SSL_set_accept_state(handle_.get());
  }

  std::string output() {
    std::string bytes(BIO_ctrl_pending(departing_), '\0');
    if (!bytes.empty()) BIO_read(departing_, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  std::shared_ptr<SSL_CTX> context_{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  std::shared_ptr<SSL> handle_;
  BIO* arrived_ = nullptr;
  BIO* departing_ = nullptr;
};

class engine_test : public testing::Test {
 protected:
  engine_test() { trust(issuer); }

  void trust(const authority& trusted) {
    test_support::write(folder / "ca.pem", trusted.certificate());
    client_settings.ca_file = folder / "ca.pem";
  }

  void show(const key_pair& pair) {
    test_support::write(folder / "cert.pem", pair.certificate);
    test_support::write(folder / "key.pem", pair.key);
    client_settings.cert_file = folder / "cert.pem";
    client_settings.key_file = folder / "key.pem";
  }

  void make_client(std::string_view name) {
    auto shared = context::make(client_settings);
    ASSERT_TRUE(shared) << shared.error().message;
    client.emplace(*shared, name);
    client->start();
  }

  // Carries bytes between the two until both are silent.
  void exchange(tls_server& server) {
    while (!client->output().empty()) {
      const auto answer = server.answer(client->take_output());
      if (answer.empty()) return;
      client->receive(answer);
      while (true) {
        const auto text = client->read();
        if (text.empty()) break;
        received += text;
      }
    }
  }

  // Of a handshake with a server that has this certificate.
  std::string problem_with(const key_pair& pair, std::string_view name = "localhost") {
    tls_server server(pair);
    return problem_with(server, name);
  }
  std::string problem_with(tls_server& server, std::string_view name = "localhost") {
    make_client(name);
    exchange(server);
    return client->problem();
  }

  test_support::temporary_folder folder;
  authority issuer{"Test CA"};
  settings client_settings;
  std::optional<engine> client;
  std::string received;
};

TEST_F(engine_test, carries_text_both_ways_once_the_server_is_trusted) {
  tls_server server(issuer.issue());
  make_client("localhost");
  EXPECT_FALSE(client->is_open());
  exchange(server);
  ASSERT_TRUE(client->is_open()) << client->problem();
  EXPECT_TRUE(client->send("hello"));
  exchange(server);
  EXPECT_EQ(server.received, "hello");
  client->receive(server.say("world"));
  EXPECT_EQ(client->read(), "world");
  EXPECT_EQ(client->read(), "");
  EXPECT_EQ(client->problem(), "");
}

TEST_F(engine_test, takes_records_in_pieces_of_any_size) {
  tls_server server(issuer.issue());
  make_client("localhost");
  exchange(server);
  for (const char byte : server.say("world")) client->receive({&byte, 1});
  EXPECT_EQ(client->read(), "world");
}

TEST_F(engine_test, gives_what_is_left_of_its_output_after_a_part_was_written) {
  tls_server server(issuer.issue());
  make_client("localhost");
  exchange(server);
  const std::string text(100'000, 'x');
  ASSERT_TRUE(client->send(text));
  const std::string whole(client->output());
  EXPECT_GT(whole.size(), text.size());
  client->consume(60'000);
  EXPECT_EQ(client->output(), std::string_view(whole).substr(60'000));
  server.answer(whole);
  EXPECT_EQ(server.received, text);
}

TEST_F(engine_test, asks_for_the_server_by_its_name_but_not_by_an_address) {
  for (const auto& [name, asked] : {std::pair("localhost", "localhost"), std::pair("localhost.", "localhost"),
                                    std::pair("127.0.0.1", ""), std::pair("::1", "")}) {
    tls_server server(issuer.issue());
    EXPECT_EQ(problem_with(server, name), "") << name;
    EXPECT_EQ(server.name_asked(), asked);
  }
}

TEST_F(engine_test, says_that_the_authority_is_unknown) {
  const authority other("Other CA");
  EXPECT_THAT(problem_with(other.issue()),
              AllOf(HasSubstr("was issued by CN=Other CA, which is not trusted here"),
                    HasSubstr("store.tls.ca_file")));
}

TEST_F(engine_test, says_that_an_authority_has_a_new_key) {
  const authority renewed("Test CA");
  EXPECT_THAT(problem_with(renewed.issue()), HasSubstr("CN=Test CA"));
}

TEST_F(engine_test, says_when_the_certificate_expired) {
  EXPECT_THAT(problem_with(issuer.issue({"localhost", "DNS:localhost", -48h, -24h})),
              AllOf(HasSubstr("the server's certificate expired on 20"), HasSubstr("renew it")));
}

TEST_F(engine_test, says_when_the_certificate_becomes_valid) {
  EXPECT_THAT(problem_with(issuer.issue({"localhost", "DNS:localhost", 24h, 48h})),
              HasSubstr("the server's certificate is not valid before 20"));
}

TEST_F(engine_test, says_which_names_the_certificate_has) {
  const auto pair = issuer.issue({"db", "DNS:db.example,DNS:*.db.example,IP:10.0.0.1", -1h, 24h});
  const std::string names = "the server's certificate is for db.example, *.db.example, 10.0.0.1, not for ";
  EXPECT_THAT(problem_with(pair, "localhost"), HasSubstr(names + "localhost; "));
  EXPECT_THAT(problem_with(pair, "127.0.0.1"), HasSubstr(names + "127.0.0.1; "));
  EXPECT_EQ(problem_with(pair, "a.db.example"), "");
  EXPECT_EQ(problem_with(pair, "10.0.0.1"), "");
}

TEST_F(engine_test, checks_nothing_if_it_is_insecure) {
  client_settings = {};
  client_settings.insecure = true;
  const authority other("Other CA");
  EXPECT_EQ(problem_with(other.issue({"x", "DNS:x", -48h, -24h})), "");
  EXPECT_TRUE(client->is_open());
}

TEST_F(engine_test, shows_its_certificate) {
  tls_server server(issuer.issue());
  server.want_client_certificate(issuer);
  show(issuer.issue({"client", "", -1h, 24h}));
  EXPECT_EQ(problem_with(server), "");
  ASSERT_TRUE(client->send("hello"));
  exchange(server);
  EXPECT_EQ(server.received, "hello");
}

class engine_versions_test : public engine_test, public testing::WithParamInterface<int> {};

TEST_P(engine_versions_test, says_that_the_server_wants_a_certificate) {
  tls_server server(issuer.issue());
  SSL_CTX_set_max_proto_version(server.context(), GetParam());
  server.want_client_certificate(issuer);
  EXPECT_EQ(problem_with(server),
            "the server wants a client certificate; set store.tls.cert_file and store.tls.key_file");
}

TEST_P(engine_versions_test, says_that_the_server_does_not_trust_its_certificate) {
  tls_server server(issuer.issue());
  SSL_CTX_set_max_proto_version(server.context(), GetParam());
  server.want_client_certificate(issuer);
  show(authority("Other CA").issue({"client", "", -1h, 24h}));
  EXPECT_EQ(
      problem_with(server),
      "the server refused the client certificate in store.tls.cert_file: it does not trust the authority "
      "that issued it");
}

INSTANTIATE_TEST_SUITE_P(tls, engine_versions_test, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_F(engine_test, says_that_the_server_is_too_old) {
  tls_server server(issuer.issue());
  SSL_CTX_set_max_proto_version(server.context(), TLS1_2_VERSION);
  EXPECT_EQ(problem_with(server), "");
  client_settings.min_version = version::v1_3;
  tls_server old(issuer.issue());
  SSL_CTX_set_max_proto_version(old.context(), TLS1_2_VERSION);
  EXPECT_THAT(problem_with(old), AllOf(HasSubstr("no version of TLS that is allowed here (at least 1.3)"),
                                       HasSubstr("store.tls.min_version")));
}

TEST_F(engine_test, says_that_the_server_speaks_something_else) {
  make_client("localhost");
  client->receive("-ERR unknown command\r\n");
  EXPECT_THAT(client->problem(), AllOf(HasSubstr("does not speak TLS on this port"), HasSubstr("valkey://")));
}

TEST_F(engine_test, says_that_a_server_that_closes_at_once_may_speak_no_tls) {
  make_client("localhost");
  EXPECT_THAT(client->explain_close(),
              AllOf(HasSubstr("closed the connection during the TLS handshake"), HasSubstr("valkey://")));
}

TEST_F(engine_test, says_no_more_than_that_it_was_closed_once_the_server_has_answered) {
  tls_server server(issuer.issue());
  server.want_client_certificate(issuer);
  show(issuer.issue({"client", "", -1h, 24h}));
  make_client("localhost");
  exchange(server);
  EXPECT_THAT(client->explain_close(), HasSubstr("does it trust the one in store.tls.cert_file"));
  client->receive(server.say("+OK"));
  EXPECT_EQ(client->read(), "+OK");
  EXPECT_EQ(client->explain_close(), "the server closed the connection");
}

TEST_F(engine_test, sends_nothing_before_the_handshake_is_complete) {
  make_client("localhost");
  const auto hello = client->take_output();
  EXPECT_FALSE(client->send("AUTH hunter2"));
  EXPECT_EQ(client->output(), "");
}

TEST_F(engine_test, says_that_what_arrived_was_changed_on_the_way) {
  tls_server server(issuer.issue());
  make_client("localhost");
  exchange(server);
  auto bytes = server.say("world");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  client->receive(bytes);
  EXPECT_EQ(client->read(), "");
  EXPECT_THAT(client->problem(), HasSubstr("TLS failed: "));
}

TEST_F(engine_test, notices_that_the_server_says_good_bye) {
  tls_server server(issuer.issue());
  make_client("localhost");
  exchange(server);
  client->receive(server.end());
  EXPECT_EQ(client->read(), "");
  EXPECT_EQ(client->problem(), "the server closed the connection");
}

TEST_F(engine_test, tells_starts_of_tls_from_those_of_resp) {
  EXPECT_TRUE(starts_like_tls("\x15\x03\x03"));
  EXPECT_TRUE(starts_like_tls("\x16"));
  for (const auto* text : {"", "+OK", "-ERR", "$5", ":1"}) EXPECT_FALSE(starts_like_tls(text)) << text;
}

}  // namespace
}  // namespace scanhost::tls
