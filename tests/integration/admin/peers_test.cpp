// SPDX-License-Identifier: Apache-2.0
//
// What a host hears from others: real servers, and some that are none.
#include "admin/peers.hpp"

#include <gmock/gmock.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>
#include <type_traits>

#include "admin/http_server.hpp"
#include "support/files.hpp"
#include "unit/admin/statuses.hpp"

namespace scanhost::admin {
namespace {

using nlohmann::json;
using testing::HasSubstr;

sources example() {
  return {[] { return std::string(); }, [] { return std::vector{ready_scanner()}; },
          [] { return std::string(); }};
}

// Everything happens on one thread, as in a host.
class peers_test : public testing::Test {
 protected:
  peers_test() : thread_([this] { context_.run(); }) {}
  ~peers_test() override {
    on_the_thread([&] {
      peers_.reset();
      server_.reset();
    });
    work_.reset();
    thread_.join();
  }

  template <class Work>
  std::invoke_result_t<Work> on_the_thread(Work work) {
    std::packaged_task<std::invoke_result_t<Work>()> task(std::move(work));
    auto done = task.get_future();
    boost::asio::post(context_, [&task] { task(); });
    return done.get();
  }

  std::uint16_t serve(config::admin_settings settings = {}) {
    settings.port = 0;
    return on_the_thread([&] {
      auto opened = http_server::open_port(context_, settings, example());
      server_ = std::move(*opened);
      return server_->port();
    });
  }

  void ask(std::uint16_t port, const std::string& token = {}) {
    on_the_thread([&] {
      peers_.emplace(context_, std::vector<config::server_address>{{"127.0.0.1", port}}, base::secret(token));
    });
  }

  json heard() {
    return json::parse(on_the_thread([&] { return peers_->json(); })).at("peers").at(0);
  }

  // Until something of that name is known.
  json wait_for(const char* member) {
    const auto end = base::steady::now() + std::chrono::seconds(60);
    auto peer = heard();
    while (peer.at(member).is_null() && base::steady::now() < end) {
      std::this_thread::yield();
      peer = heard();
    }
    return peer;
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::unique_ptr<http_server> server_;
  std::optional<peers> peers_;
  std::thread thread_;
};

TEST_F(peers_test, gives_what_is_known_at_once_and_the_status_when_it_came) {
  const auto port = serve();
  ask(port);
  const auto first = heard();
  EXPECT_EQ(first.at("address"), "127.0.0.1:" + std::to_string(port));
  EXPECT_TRUE(first.at("status").is_null() && first.at("problem").is_null());
  const auto peer = wait_for("status");
  EXPECT_EQ(peer.at("status").at("scanners").at(0).at("name"), "sweeper");
  EXPECT_TRUE(peer.at("problem").is_null());
  EXPECT_GT(peer.at("at_ms"), 0);
}

TEST_F(peers_test, keeps_the_status_of_a_host_that_has_gone_and_says_so) {
  ask(serve());
  wait_for("status");
  on_the_thread([&] { server_.reset(); });
  const auto peer = wait_for("problem");
  EXPECT_THAT(peer.at("problem").get<std::string>(), HasSubstr("refused"));
  EXPECT_EQ(peer.at("status").at("scanners").size(), 1u);
}

TEST_F(peers_test, sends_the_token_that_the_hosts_share) {
  test_support::temporary_folder folder;
  config::admin_settings settings;
  settings.read_token_file = folder / "token";
  settings.read_token = base::secret("read-0123456789abcdef");
  test_support::write(settings.read_token_file, settings.read_token.reveal());
  std::filesystem::permissions(settings.read_token_file, std::filesystem::perms::owner_read);
  const auto port = serve(settings);
  ask(port, "another-0123456789abcdef");
  EXPECT_EQ(wait_for("problem").at("problem"), "it has another admin.read_token_file than this host");
  ask(port, "read-0123456789abcdef");
  EXPECT_TRUE(wait_for("status").at("status").is_object());
}

// A server that is no scanhost, on a thread of its own.
struct other_server {
  std::thread thread;
  std::promise<void> connected;
};

std::uint16_t answer_once(const std::string& text, other_server& server) {
  using boost::asio::ip::tcp;
  auto context = std::make_shared<boost::asio::io_context>();
  auto acceptor =
      std::make_shared<tcp::acceptor>(*context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  const auto port = acceptor->local_endpoint().port();
  server.thread = std::thread([&server, context, acceptor, text] {
    auto socket = acceptor->accept();
    server.connected.set_value();
    boost::asio::write(socket, boost::asio::buffer(text));
    boost::system::error_code ignored;
    std::string discarded(1024, '\0');
    while (!ignored) socket.read_some(boost::asio::buffer(discarded), ignored);
  });
  return port;
}

TEST_F(peers_test, takes_nothing_else_for_a_host) {
  for (const char* text :
       {"HTTP/1.1 200 OK\r\nServer: scanhost\r\nContent-Length: 4\r\n\r\n{\"a\"",
        "HTTP/1.1 200 OK\r\nServer: other\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 500 No\r\nServer: scanhost\r\nContent-Length: 2\r\n\r\n{}", "SSH-2.0-other\r\n\r\n",
        "HTTP/1.1 200 OK\r\nServer: scanhost\r\nContent-Length: 99999999999\r\n\r\n{}"}) {
    other_server other;
    ask(answer_once(text, other));
    EXPECT_FALSE(wait_for("problem").at("problem").is_null()) << text;
    EXPECT_TRUE(heard().at("status").is_null()) << text;
    on_the_thread([&] { peers_.reset(); });
    other.thread.join();
  }
}

TEST_F(peers_test, gives_up_what_is_under_way_when_it_ends) {
  other_server other;
  ask(answer_once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", other));
  heard();
  other.connected.get_future().wait();
  on_the_thread([&] { peers_.reset(); });
  other.thread.join();  // its connection was closed
}

}  // namespace
}  // namespace scanhost::admin
