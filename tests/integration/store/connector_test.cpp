// SPDX-License-Identifier: Apache-2.0
//
// Connecting to servers of several addresses, of which some are dead.
#include "store/connection/connector.hpp"

#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstring>
#include <memory>
#include <optional>

#include "integration/store/name_server.hpp"

namespace scanhost::store {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;
using boost::asio::ip::tcp;
using testing::HasSubstr;

// Takes connections in the kernel, until its queue is full: then it drops what comes.
class full_listener {
 public:
  full_listener(boost::asio::io_context& context, const std::string& address, std::uint16_t port)
      : acceptor_(context) {
    const tcp::endpoint place(make_address(address), port);
    acceptor_.open(place.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(place);
    acceptor_.listen(0);
    for (int i = 0; i < 8; ++i) {
      auto& link = links_.emplace_back(std::make_unique<tcp::socket>(context));
      link->async_connect(acceptor_.local_endpoint(), [](const auto&) {});
    }
    context.run_for(100ms);
    context.restart();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  tcp::acceptor acceptor_;
  std::vector<std::unique_ptr<tcp::socket>> links_;
};

class connector_test : public testing::Test {
 protected:
  void begin(const std::string& host, std::uint16_t port) {
    subject = std::make_shared<connector>(context, 2000ms, resolver_settings{{}, names.place()});
    subject->connect(config::server_address{host, port}, [this](base::result<connector::socket> result) {
      if (result) {
        socket = std::move(*result);
      } else {
        problem = result.error().message;
      }
      ended = true;
    });
  }

  bool connect(const std::string& host, std::uint16_t port) {
    begin(host, port);
    const auto end = base::steady::now() + 20s;
    while (!ended && base::steady::now() < end) context.run_one_until(end);
    return socket.has_value();
  }

  boost::asio::io_context context{1};
  test_support::name_server names{context};
  std::shared_ptr<connector> subject;
  std::optional<connector::socket> socket;
  std::string problem;
  bool ended = false;
};

TEST_F(connector_test, reaches_a_second_address_when_the_first_drops_what_comes) {
  tcp::acceptor alive(context, {make_address("127.0.0.3"), 0});
  const auto port = alive.local_endpoint().port();
  full_listener dead(context, "127.0.0.2", port);
  names.add("db.example.test", "127.0.0.2");
  names.add("db.example.test", "127.0.0.3");
  const auto before = base::steady::now();
  ASSERT_TRUE(connect("db.example.test", port)) << problem;
  EXPECT_LT(base::steady::now() - before, 1500ms);
  const auto peer = socket->remote_endpoint();
  EXPECT_EQ(std::memcmp(peer.data(), tcp::endpoint(make_address("127.0.0.3"), port).data(), peer.size()), 0);
}

TEST_F(connector_test, goes_on_at_once_when_an_address_refuses) {
  tcp::acceptor alive(context, {make_address("127.0.0.4"), 0});
  for (const char* address : {"127.0.0.2", "127.0.0.3", "127.0.0.4"}) names.add("db.example.test", address);
  EXPECT_TRUE(connect("db.example.test", alive.local_endpoint().port())) << problem;
}

TEST_F(connector_test, says_of_each_address_why_it_failed) {
  std::uint16_t port = 0;
  {
    tcp::acceptor gone(context, {make_address("127.0.0.2"), 0});
    port = gone.local_endpoint().port();
  }
  names.add("db.example.test", "127.0.0.2");
  names.add("db.example.test", "127.0.0.3");
  EXPECT_FALSE(connect("db.example.test", port));
  EXPECT_THAT(problem, HasSubstr("127.0.0.2: Connection refused"));
  EXPECT_THAT(problem, HasSubstr("127.0.0.3: Connection refused"));
}

TEST_F(connector_test, says_what_it_waits_for) {
  names.silent = true;
  begin("db.example.test", 1);
  EXPECT_EQ(subject->missing(), "no name server answered for 'db.example.test'");
  subject->cancel();
  full_listener dead(context, "127.0.0.2", 0);
  begin("127.0.0.2", dead.port());
  EXPECT_EQ(subject->missing(), "no answer");
  subject->cancel();
  names.silent = false;
  names.add("two.example.test", "127.0.0.2");
  begin("two.example.test", dead.port());
  context.run_for(300ms);
  EXPECT_EQ(subject->missing(), "no answer from 127.0.0.2");
}

TEST_F(connector_test, never_answers_after_it_was_cancelled) {
  tcp::acceptor alive(context, {make_address("127.0.0.2"), 0});
  begin("127.0.0.2", alive.local_endpoint().port());
  subject->cancel();
  context.run_for(200ms);
  EXPECT_FALSE(ended);
}

}  // namespace
}  // namespace scanhost::store
