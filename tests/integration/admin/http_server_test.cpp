// SPDX-License-Identifier: Apache-2.0
//
// The server on a real socket: good requests, bad ones, and clients that mean harm.
#include "admin/http_server.hpp"

#include <gmock/gmock.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "integration/admin/raw_client.hpp"
#include "support/files.hpp"
#include "unit/admin/statuses.hpp"

namespace scanhost::admin {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* ok = "HTTP/1.1 200 OK\r\n";

config::admin_settings any_port() {
  config::admin_settings settings;
  settings.port = 0;
  return settings;
}

sources example() {
  return {[] { return std::string("a_total 1\n"); }, [] { return std::vector{ready_scanner()}; },
          [] { return std::string(); }};
}

class http_server_test : public testing::Test {
 protected:
  explicit http_server_test(sources from = example(), const config::admin_settings& settings = any_port()) {
    auto server = http_server::open_port(context_, settings, std::move(from));
    if (!server) throw std::runtime_error(server.error().message);
    server_ = std::move(*server);
    port_ = server_->port();
    thread_ = std::thread([this] { context_.run(); });
  }

  ~http_server_test() override {
    close();
    work_.reset();
    context_.stop();
    thread_.join();
  }

  // Ends the server on its own thread.
  void close() {
    std::promise<void> closed;
    boost::asio::post(context_, [&] {
      server_.reset();
      closed.set_value();
    });
    closed.get_future().wait();
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::unique_ptr<http_server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(http_server_test, serves_metrics) {
  const auto response = ask(port_, "GET", "/metrics");
  EXPECT_THAT(response, StartsWith(ok));
  EXPECT_THAT(response, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  EXPECT_THAT(response, EndsWith("\r\n\r\na_total 1\n"));
}

TEST_F(http_server_test, serves_the_page_with_a_policy_that_keeps_it_to_itself) {
  const auto response = ask(port_, "GET", "/");
  EXPECT_THAT(response, StartsWith(ok));
  EXPECT_THAT(response, HasSubstr("Content-Security-Policy: default-src 'none'"));
  EXPECT_THAT(response, EndsWith("</html>\n"));
}

TEST_F(http_server_test, answers_head_without_a_body) {
  const auto response = ask(port_, "HEAD", "/metrics");
  EXPECT_THAT(response, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_THAT(response, EndsWith("\r\n\r\n"));
}

TEST_F(http_server_test, answers_many_requests_on_one_connection) {
  raw_client client(port_);
  for (int times = 0; times < 3; ++times) {
    client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(client.read_until("ok\n"), StartsWith(ok));
  }
}

TEST_F(http_server_test, answers_requests_that_arrive_together) {
  raw_client client(port_);
  client.send(
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n"
      "Connection: close\r\n\r\n");
  const auto response = client.read_all();
  EXPECT_THAT(response, HasSubstr("\r\n\r\nok\nHTTP/1.1 200 OK"));
  EXPECT_THAT(response, EndsWith("a_total 1\n"));
}

TEST_F(http_server_test, answers_a_request_that_arrives_byte_by_byte) {
  raw_client client(port_);
  for (const char byte : std::string_view("GET /healthz HTTP/1.0\r\n\r\n"))
    client.send(std::string_view(&byte, 1));
  EXPECT_THAT(client.read_all(), EndsWith("ok\n"));
}

TEST_F(http_server_test, says_what_is_wrong_with_a_request) {
  EXPECT_THAT(ask(port_, "GET", "/nothing"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  const auto post = ask(port_, "POST", "/metrics");
  EXPECT_THAT(post, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(post, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(http_server_test, answers_to_no_other_name) {
  raw_client client(port_);
  client.send("GET /status.json HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
  const auto response = client.read_all();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_THAT(response, Not(HasSubstr("sweeper")));
}

TEST_F(http_server_test, refuses_garbage) {
  for (const std::string& garbage :
       {std::string("\0\xff\x01garbage\r\n\r\n", 14), std::string("GET\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string("\x16\x03\x01\x02\x01\x00\r\n", 8),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nbad header\r\n\r\n")}) {
    raw_client client(port_);
    client.send(garbage);
    EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  }
  EXPECT_THAT(ask(port_, "GET", "/healthz"), StartsWith(ok));
}

TEST_F(http_server_test, refuses_a_body) {
  for (const char* request :
       {"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\r0\r\n\rPOST"}) {
    raw_client client(port_);
    client.send(request);
    EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 413 ")) << request;
  }
}

TEST_F(http_server_test, refuses_a_header_that_is_too_long) {
  raw_client one_line(port_);
  one_line.send("GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(one_line.read_all(), StartsWith("HTTP/1.1 431 "));
  raw_client many_lines(port_);
  std::string request = "GET / HTTP/1.1\r\n";
  for (int line = 0; line < 2000; ++line) request += "X-" + std::to_string(line) + ": x\r\n";
  many_lines.send(request);
  EXPECT_THAT(many_lines.read_all(), StartsWith("HTTP/1.1 431 "));
}

TEST_F(http_server_test, ends_the_connection_of_a_client_that_sends_without_end) {
  raw_client client(port_);
  client.send("GET / HTTP/1.1\r\n");
  const std::string chunk(65'536, 'x');
  int sent = 0;
  while (sent < 1000 && client.send(chunk)) ++sent;
  EXPECT_LT(sent, 1000);
}

TEST_F(http_server_test, gives_up_a_client_that_does_not_finish_its_request) {
  raw_client client(port_);
  client.send("GET / HTTP/1.1\r\nHost: loc");
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(http_server_test, is_not_held_up_by_a_slow_client) {
  raw_client slow(port_);
  slow.send("GET / HT");
  EXPECT_THAT(ask(port_, "GET", "/healthz"), StartsWith(ok));
}

TEST_F(http_server_test, survives_clients_that_leave) {
  for (int times = 0; times < 20; ++times) {
    raw_client client(port_);
    client.send(times % 2 == 0 ? "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" : "GET /");
    if (times % 3 == 0) client.finish();
  }
  EXPECT_THAT(ask(port_, "GET", "/healthz"), StartsWith(ok));
}

TEST_F(http_server_test, refuses_connections_beyond_the_limit_and_takes_them_again_later) {
  std::vector<std::unique_ptr<raw_client>> clients;
  for (std::size_t count = 0; count < http_server::max_connections; ++count) {
    clients.push_back(std::make_unique<raw_client>(port_));
    clients.back()->send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_THAT(clients.back()->read_until("ok\n"), StartsWith(ok));
  }
  EXPECT_THAT(ask(port_, "GET", "/healthz"), StartsWith("HTTP/1.1 503 "));
  clients.clear();
  std::string response;
  const auto deadline = base::steady::now() + std::chrono::seconds(30);
  while (!response.starts_with(ok) && base::steady::now() < deadline)
    response = ask(port_, "GET", "/healthz");
  EXPECT_THAT(response, StartsWith(ok));
}

TEST_F(http_server_test, closes_its_connections_when_it_ends) {
  raw_client client(port_);
  client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.read_until("ok\n");
  close();
  EXPECT_EQ(client.read_all(), "");
  EXPECT_THROW(raw_client{port_}, std::runtime_error);
}

TEST_F(http_server_test, says_what_to_do_when_the_address_is_in_use) {
  boost::asio::io_context other;
  auto settings = any_port();
  settings.port = port_;
  const auto second = http_server::open_port(other, settings, example());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::errc::os);
  EXPECT_THAT(second.error().message, HasSubstr("cannot listen on 127.0.0.1, port " + std::to_string(port_)));
  EXPECT_THAT(second.error().message, HasSubstr("give admin.listen another port"));
}

class http_server_failing : public http_server_test {
 protected:
  http_server_failing() : http_server_test(failing()) {}
  static sources failing() {
    auto from = example();
    from.metrics = []() -> std::string { throw std::runtime_error("no memory"); };
    return from;
  }
};

TEST_F(http_server_failing, says_500_when_an_answer_cannot_be_made_and_goes_on) {
  EXPECT_THAT(ask(port_, "GET", "/metrics"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(ask(port_, "GET", "/healthz"), StartsWith(ok));
}

// Keeps the replies that its handler is asked for.
class http_server_in_control : public http_server_test {
 protected:
  http_server_in_control() : http_server_test(controlled()) {}

  sources controlled() {
    auto from = example();
    from.control = [this](const control_request& request, on_answer reply) {
      asked_.set_value(request);
      reply_ = std::move(reply);
    };
    return from;
  }

  void TearDown() override {
    run_there([this] { reply_ = nullptr; });
  }

  // On the server's thread.
  void run_there(std::function<void()> what) {
    std::promise<void> done;
    boost::asio::post(context_, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }

  static constexpr const char* pause =
      "POST /control/pause/sweeper HTTP/1.1\r\nHost: localhost\r\nX-Scanhost: 1\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n";
  std::promise<control_request> asked_;
  on_answer reply_;
};

TEST_F(http_server_in_control, answers_a_button_when_it_is_done) {
  raw_client client(port_);
  client.send(pause);
  EXPECT_EQ(asked_.get_future().get(), (control_request{"pause", {"sweeper"}, {}, "the page (127.0.0.1)"}));
  EXPECT_THAT(ask(port_, "GET", "/healthz"), StartsWith(ok)) << "the others must not wait";
  run_there([this] { reply_({base::exit_code::ok, "paused", "{}"}); });
  const auto response = client.read_all();
  EXPECT_THAT(response, StartsWith(ok));
  EXPECT_THAT(response, EndsWith("{\"ok\":true,\"exit_code\":0,\"message\":\"paused\",\"data\":{}}\n"));
}

TEST_F(http_server_in_control, does_nothing_that_a_form_of_another_site_asks_for) {
  const auto response = ask(port_, "POST", "/control/pause/sweeper");
  EXPECT_THAT(response, StartsWith("HTTP/1.1 403 "));
  raw_client preflight(port_);
  preflight.send(
      "OPTIONS /control/pause/sweeper HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
      "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-scanhost\r\n"
      "Connection: close\r\n\r\n");
  const auto leave = preflight.read_all();
  EXPECT_THAT(leave, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(leave, HasSubstr("Allow: POST\r\n"));
  EXPECT_THAT(leave, Not(HasSubstr("Access-Control")));
  EXPECT_FALSE(reply_);
}

TEST_F(http_server_in_control, may_end_before_the_reply) {
  raw_client client(port_);
  client.send(pause);
  asked_.get_future().wait();
  close();
  EXPECT_THAT(client.read_all(), testing::IsEmpty());
  run_there([this] { reply_({base::exit_code::ok, "too late", ""}); });
}

TEST(http_server, controls_nothing_when_the_settings_say_so) {
  boost::asio::io_context context{1};
  auto settings = any_port();
  settings.control = false;
  auto from = example();
  bool asked = false;
  from.control = [&](const control_request&, const on_answer&) { asked = true; };
  const auto server = std::move(http_server::open_port(context, settings, std::move(from))).value();
  auto response = std::async(std::launch::async, [&] {
    raw_client client(server->port());
    client.send(
        "POST /control/pause/sweeper HTTP/1.1\r\nHost: localhost\r\nX-Scanhost: 1\r\nConnection: close\r\n\r\n");
    auto answer = client.read_all();
    context.stop();
    return answer;
  });
  context.run();
  EXPECT_THAT(response.get(), StartsWith("HTTP/1.1 403 "));
  EXPECT_FALSE(asked);
}

TEST(http_server, refuses_an_address_that_this_machine_does_not_have) {
  boost::asio::io_context context;
  auto settings = any_port();
  settings.address = "192.0.2.1";
  const auto server = http_server::open_port(context, settings, example());
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message, HasSubstr("see admin.listen"));
}

TEST(http_server, may_end_before_its_context_with_connections_open) {
  auto context = std::make_unique<boost::asio::io_context>(1);
  auto opened = http_server::open_port(*context, any_port(), example());
  auto server = std::move(*opened);
  raw_client client(server->port());
  client.send("GET /he");
  context->poll();
  server.reset();
  context.reset();
  EXPECT_EQ(client.read_all(), "");
}

// --- tokens

config::admin_settings with_tokens(const test_support::temporary_folder& folder) {
  auto settings = any_port();
  settings.read_token_file = folder / "read";
  settings.operator_token_file = folder / "operate";
  settings.read_token = base::secret("read-0123456789abcdef");
  settings.operator_token = base::secret("operate-0123456789abcdef");
  test_support::write(settings.read_token_file, settings.read_token.reveal());
  test_support::write(settings.operator_token_file, settings.operator_token.reveal());
  for (const auto& file : {settings.read_token_file, settings.operator_token_file})
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  return settings;
}

sources that_obeys() {
  auto from = example();
  from.control = [](const control_request&, const on_answer& done) {
    done({base::exit_code::ok, "paused", {}});
  };
  return from;
}

class tokens_of_the_port : public http_server_test {
 protected:
  tokens_of_the_port() : http_server_test(that_obeys(), with_tokens(folder())) {}

  static const test_support::temporary_folder& folder() {
    static const test_support::temporary_folder with_files;
    return with_files;
  }

  std::string ask_with(const std::string& start, const std::string& headers) const {
    raw_client client(port_);
    client.send(start + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + "\r\n");
    return client.read_all();
  }
};

TEST_F(tokens_of_the_port, are_asked_for_in_the_words_of_http) {
  const auto refusal = ask_with("GET /metrics", "");
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_THAT(refusal, HasSubstr("WWW-Authenticate: Bearer realm=\"scanhost\"\r\n"));
  EXPECT_THAT(ask_with("GET /healthz", ""), StartsWith(ok));
}

TEST_F(tokens_of_the_port, let_readers_read_and_operators_command) {
  const std::string pause = "POST /control/pause/sweeper", mark = "X-Scanhost: 1\r\n";
  const std::string read = "Authorization: Bearer read-0123456789abcdef\r\n";
  const std::string operate = "Authorization: Bearer operate-0123456789abcdef\r\n";
  EXPECT_THAT(ask_with("GET /metrics", read), StartsWith(ok));
  EXPECT_THAT(ask_with(pause, mark + read), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(ask_with(pause, mark + operate), StartsWith(ok));
  EXPECT_THAT(ask_with(pause, operate), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(ask_with(pause, mark + operate + operate), StartsWith("HTTP/1.1 401 "));
}

}  // namespace
}  // namespace scanhost::admin
