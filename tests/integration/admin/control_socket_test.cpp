// SPDX-License-Identifier: Apache-2.0
//
// The control socket on a real file, and its client: who may use it, files that were left behind, peers that
// misbehave.

#include <gmock/gmock.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <optional>
#include <thread>

#include "admin/client.hpp"
#include "admin/http_server.hpp"
#include "integration/admin/raw_client.hpp"
#include "unit/admin/statuses.hpp"

namespace scanhost::admin {
namespace {

namespace asio = boost::asio;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr base::milliseconds patience{30'000};

class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "scanhost-control-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~temporary_folder() { std::filesystem::remove_all(path); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  std::filesystem::path path;
};

void echo(const control_request& request, const on_answer& done) {
  std::string text = request.command;
  for (const auto& argument : request.arguments) text += " " + argument;
  done({base::exit_code::ok, text, "{}"});
}

sources sources_with(control_handler handler) {
  return {[] { return std::string("a_total 1\n"); }, [] { return std::vector{ready_scanner()}; },
          [] { return std::string(); }, std::move(handler)};
}

// As `curl -X METHOD --unix-socket` sends it.
std::string http(const std::string& method, const std::string& target) {
  return method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nX-Scanhost: 1\r\nConnection: close\r\n\r\n";
}

bool eventually(const std::function<bool()>& holds) {
  const auto deadline = base::steady::now() + patience;
  while (!holds()) {
    if (base::steady::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

// A server whose io_context runs on a thread of its own.
class running_server {
 public:
  running_server(const std::filesystem::path& socket, control_handler handler) {
    auto server = http_server::open_control_socket(context_, socket, sources_with(std::move(handler)));
    if (!server) throw std::runtime_error(server.error().message);
    server_ = std::move(*server);
    thread_ = std::thread([this] { context_.run(); });
  }

  ~running_server() {
    run_there([this] { server_.reset(); });
    work_.reset();
    context_.stop();
    thread_.join();
  }

  // On the server's thread, and waits until it is done.
  void run_there(const std::function<void()>& what) {
    std::promise<void> done;
    asio::post(context_, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }

  void close() {
    run_there([this] { server_.reset(); });
  }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::unique_ptr<http_server> server_;
  std::thread thread_;
};

// Keeps the replies that it is asked for.
struct keeper {
  std::vector<on_answer> replies;
  std::atomic<std::size_t> asked{0};

  control_handler handler() {
    return [this](const control_request&, on_answer reply) {
      replies.push_back(std::move(reply));
      ++asked;
    };
  }
};

class control_socket_test : public testing::Test {
 protected:
  temporary_folder folder_;
  std::filesystem::path socket_ = folder_.path / "control.sock";

  std::string error_of_a_second_server() const {
    asio::io_context context;
    const auto server = http_server::open_control_socket(context, socket_, sources_with(echo));
    return server ? "" : server.error().message;
  }

  // The file of a socket that nobody listens at.
  void leave_a_socket() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_.c_str(), sizeof address.sun_path - 1);
    const base::unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
};

TEST_F(control_socket_test, answers_a_request) {
  const running_server server(socket_, echo);
  const auto reply = ask(socket_, {"reload", {"a", "b"}}, patience);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->code, base::exit_code::ok);
  EXPECT_EQ(reply->message, "reload a b");
  EXPECT_EQ(reply->data, "{}\n");
}

TEST_F(control_socket_test, serves_the_routes_of_the_port) {
  const running_server server(socket_, echo);
  for (const auto& [target, text] :
       std::initializer_list<std::pair<std::string, std::string>>{{"/status.json", "\"name\":\"sweeper\""},
                                                                  {"/metrics", "a_total 1\n"},
                                                                  {"/healthz", "ok\n"},
                                                                  {"/", "<!doctype html>"}}) {
    raw_client client(socket_);
    client.send(http("GET", target));
    EXPECT_THAT(client.read_all(), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr(text)));
  }
}

TEST_F(control_socket_test, gives_the_status_to_its_client_as_it_is) {
  const running_server server(socket_, echo);
  const auto reply = ask(socket_, {"status", {}}, patience);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_THAT(reply->data, StartsWith("{\"version\":1,\"scanners\":[{\"name\":\"sweeper\""));
}

TEST_F(control_socket_test, performs_commands_that_the_port_refuses) {
  const running_server server(socket_, echo);
  for (const auto& request : {control_request{"plan", {}}, control_request{"blocked", {}},
                              control_request{"release", {"0123456789abcdef"}}, control_request{"pause", {}},
                              control_request{"reload", {"lease_expiry@a-1.b", "another"}}}) {
    const auto reply = ask(socket_, request, patience);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_THAT(reply->message, StartsWith(request.command));
  }
}

TEST_F(control_socket_test, carries_an_answer_as_it_is) {
  const running_server server(socket_, [](const control_request&, const on_answer& reply) {
    reply({base::exit_code::config, "line 1\nline 2: caf\xe9", "{\"a\":[1]}"});
  });
  const auto reply = ask(socket_, {"reload", {}}, patience);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->code, base::exit_code::config);
  EXPECT_EQ(reply->message, "line 1\nline 2: caf\xef\xbf\xbd");
  EXPECT_EQ(reply->data, "{\"a\":[1]}\n");
}

TEST_F(control_socket_test, takes_the_names_of_many_scanners) {
  const running_server server(socket_, echo);
  const std::vector<std::string> names(500, std::string(64, 'n'));
  const auto reply = ask(socket_, {"pause", names}, patience);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->message.size(), std::string("pause").size() + 500 * 65);
}

TEST_F(control_socket_test, carries_options_and_says_who_asks) {
  control_request asked;
  const running_server server(socket_, [&](const control_request& request, const on_answer& reply) {
    asked = request;
    reply({});
  });
  const control_request request{"pause", {"sweeper"}, {{"for", "2h"}, {"reason", "50% & \u00e9+?#"}}};
  ASSERT_TRUE(ask(socket_, request, patience));
  EXPECT_EQ(asked.options, request.options);
  const auto* user = ::getpwuid(::geteuid());
  EXPECT_EQ(asked.by, user != nullptr ? user->pw_name : std::to_string(::geteuid()));
}

TEST_F(control_socket_test, refuses_a_header_that_is_too_long) {
  const running_server server(socket_, echo);
  const auto reply = ask(socket_, {"pause", std::vector<std::string>(1000, std::string(80, 'n'))}, patience);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->code, base::exit_code::usage);
  EXPECT_THAT(reply->message, HasSubstr("longer than 64 KiB"));
}

TEST_F(control_socket_test, says_what_is_wrong_with_a_request) {
  const running_server server(socket_, echo);
  for (const char* text : {"{\"command\": \"status\", \"arguments\": []}\r\n\r\n", "status\r\n\r\n"}) {
    raw_client client(socket_);
    client.send(text);
    EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 400 Bad Request\r\n")) << text;
  }
}

TEST_F(control_socket_test, changes_nothing_without_the_header) {
  keeper kept;
  const running_server server(socket_, kept.handler());
  raw_client client(socket_);
  client.send("POST /control/pause HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_all(), AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("X-Scanhost: 1")));
  EXPECT_EQ(kept.asked, 0U);
}

TEST_F(control_socket_test, carries_every_argument_as_it_is) {
  const running_server server(socket_, echo);
  for (const std::string name : {"a/b", "", "a b", "a+b", "a%62", "a?b", "a\r\nb", "{fp:0}:\xc3\xa9"}) {
    const auto reply = ask(socket_, {"pause", {name}}, patience);
    ASSERT_TRUE(reply) << name;
    EXPECT_EQ(reply->message, "pause " + name);
  }
}

// A server of another kind: takes one connection, says what it says, and closes.
class other_server {
 public:
  other_server(const std::filesystem::path& socket, std::string text) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
    fd_ = base::unique_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd_.get(), 1) != 0)
      throw std::runtime_error("cannot listen");
    thread_ = std::thread([this, text = std::move(text)] {
      const base::unique_fd peer(::accept(fd_.get(), nullptr, nullptr));
      std::array<char, 4096> request{};
      if (::recv(peer.get(), request.data(), request.size(), 0) > 0)
        static_cast<void>(::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL));
    });
  }
  ~other_server() { thread_.join(); }
  other_server(const other_server&) = delete;
  other_server& operator=(const other_server&) = delete;

 private:
  base::unique_fd fd_;
  std::thread thread_;
};

TEST_F(control_socket_test, tells_a_client_that_something_else_listens_there) {
  int count = 0;
  for (const char* text :
       {"hello\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 2\r\n\r\n{}", "{\"code\":0}\n"}) {
    const auto socket = folder_.path / std::to_string(++count);
    const other_server server(socket, text);
    const auto reply = ask(socket, {"status", {}}, patience);
    ASSERT_FALSE(reply) << text;
    EXPECT_EQ(reply.error().code, base::errc::data) << text;
    EXPECT_THAT(reply.error().message, HasSubstr("scanhost")) << text;
  }
}

TEST_F(control_socket_test, tells_a_client_that_an_answer_is_too_long) {
  const other_server server(socket_,
                            "HTTP/1.1 200 OK\r\nServer: scanhost\r\nContent-Length: 99999999999\r\n\r\n");
  const auto reply = ask(socket_, {"status", {}}, patience);
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("longer than 16 MiB"));
}

TEST_F(control_socket_test, tells_a_client_that_an_answer_broke_off) {
  const other_server server(socket_, "HTTP/1.1 200 OK\r\nServer: scanhost\r\nContent-Length: 100\r\n\r\nx");
  const auto reply = ask(socket_, {"status", {}}, patience);
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("closed the connection without an answer"));
}

TEST_F(control_socket_test, answers_later_too) {
  keeper kept;
  running_server server(socket_, kept.handler());
  auto reply = std::async(std::launch::async, [&] { return ask(socket_, {"reload", {}}, patience); });
  ASSERT_TRUE(eventually([&] { return kept.asked > 0; }));
  server.run_there([&] { kept.replies.front()({base::exit_code::config, "late", ""}); });
  EXPECT_EQ(reply.get()->message, "late");
}

TEST_F(control_socket_test, answers_more_than_fits_into_the_buffers_of_a_socket) {
  const std::string much = "\"" + std::string(4'000'000, 'x') + "\"";
  const running_server server(socket_, [&](const control_request&, const on_answer& reply) {
    reply({base::exit_code::ok, "", much});
  });
  EXPECT_EQ(ask(socket_, {"plan", {}}, patience)->data, much + "\n");
}

TEST_F(control_socket_test, says_so_when_the_handler_throws) {
  const running_server server(
      socket_, [](const control_request&, const on_answer&) { throw std::runtime_error("out of luck"); });
  const auto reply = ask(socket_, {"plan", {}}, patience);
  EXPECT_EQ(reply->code, base::exit_code::software);
  EXPECT_THAT(reply->message, HasSubstr("out of luck"));
}

TEST_F(control_socket_test, takes_the_first_of_two_answers) {
  const running_server server(socket_, [](const control_request&, const on_answer& reply) {
    reply({base::exit_code::ok, "first", ""});
    reply({base::exit_code::ok, "second", ""});
  });
  EXPECT_EQ(ask(socket_, {"plan", {}}, patience)->message, "first");
}

TEST_F(control_socket_test, is_for_its_owner_alone) {
  const auto before = ::umask(0);
  const running_server server(socket_, echo);
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::lstat(socket_.c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST(control_socket, lets_root_and_its_own_user_ask) {
  EXPECT_TRUE(peer_allowed(0, 7) && peer_allowed(7, 7) && peer_allowed(0, 0));
  EXPECT_FALSE(peer_allowed(7, 0) || peer_allowed(7, 8));
}

TEST_F(control_socket_test, makes_its_folder) {
  const auto inside = folder_.path / "scanhost" / "control.sock";
  const running_server server(inside, echo);
  EXPECT_TRUE(ask(inside, {"plan", {}}, patience));
}

TEST_F(control_socket_test, removes_its_file_at_the_end) {
  { const running_server server(socket_, echo); }
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(control_socket_test, does_not_remove_a_file_that_is_not_its_own) {
  {
    const running_server server(socket_, echo);
    std::filesystem::remove(socket_);
    std::ofstream(socket_) << "somebody else's";
  }
  EXPECT_TRUE(std::filesystem::exists(socket_));
}

TEST_F(control_socket_test, replaces_the_socket_of_a_dead_host) {
  leave_a_socket();
  const running_server server(socket_, echo);
  EXPECT_TRUE(ask(socket_, {"plan", {}}, patience));
}

TEST_F(control_socket_test, refuses_the_place_of_a_living_one) {
  const running_server server(socket_, echo);
  EXPECT_THAT(error_of_a_second_server(), HasSubstr("belongs to a host that is running"));
  EXPECT_TRUE(ask(socket_, {"plan", {}}, patience)) << "the first one must not suffer";
}

TEST_F(control_socket_test, refuses_the_place_of_something_else) {
  std::ofstream(socket_) << "precious";
  EXPECT_THAT(error_of_a_second_server(), HasSubstr("already exists and is not a socket"));
  EXPECT_TRUE(std::filesystem::exists(socket_));
}

TEST_F(control_socket_test, refuses_a_folder_that_everybody_may_write_to) {
  ::chmod(folder_.path.c_str(), 0777);
  EXPECT_THAT(error_of_a_second_server(), HasSubstr("is writable by every user"));
}

TEST_F(control_socket_test, refuses_a_folder_that_cannot_be_made) {
  socket_ = folder_.path / "a" / "b" / "control.sock";
  EXPECT_THAT(error_of_a_second_server(), HasSubstr("cannot be created"));
}

TEST_F(control_socket_test, answers_a_peer_that_has_said_that_nothing_more_will_come) {
  keeper kept;
  running_server server(socket_, kept.handler());
  raw_client client(socket_);
  client.send(http("GET", "/control/plan"));
  client.finish();
  ASSERT_TRUE(eventually([&] { return kept.asked > 0; }));
  server.run_there([&] { kept.replies.front()({base::exit_code::ok, "here", ""}); });
  EXPECT_THAT(client.read_all(), HasSubstr("\"here\""));
}

TEST_F(control_socket_test, drops_the_answer_to_a_peer_that_has_gone) {
  keeper kept;
  running_server server(socket_, kept.handler());
  raw_client client(socket_);
  client.send(http("GET", "/control/plan"));
  ASSERT_TRUE(eventually([&] { return kept.asked > 0; }));
  client.close();
  server.run_there([&] { kept.replies.front()({base::exit_code::ok, "nobody hears", ""}); });
  server.run_there([&] { kept.replies.clear(); });
  const auto next = std::async(std::launch::async, [&] { return ask(socket_, {"plan", {}}, patience); });
  EXPECT_TRUE(eventually([&] { return kept.asked > 1; }));
  server.run_there([&] { kept.replies.clear(); });
}

TEST_F(control_socket_test, drops_a_peer_that_says_nothing) {
  const running_server server(socket_, echo);
  raw_client client(socket_);
  EXPECT_THAT(client.read_all(), IsEmpty());
}

TEST_F(control_socket_test, turns_away_more_peers_than_it_takes_and_makes_room_when_they_go) {
  keeper kept;
  running_server server(socket_, kept.handler());
  std::vector<std::unique_ptr<raw_client>> waiting;
  for (std::size_t i = 0; i < http_server::max_connections; ++i) {
    waiting.push_back(std::make_unique<raw_client>(socket_));
    waiting.back()->send(http("GET", "/control/plan"));
  }
  ASSERT_TRUE(eventually([&] { return kept.asked == http_server::max_connections; }));
  const auto refused = ask(socket_, {"plan", {}}, patience);
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->code, base::exit_code::unavailable);
  EXPECT_THAT(refused->message, HasSubstr("too many connections"));

  waiting.front()->close();  // without an answer
  EXPECT_TRUE(eventually([&] {
    raw_client client(socket_);
    client.send(http("GET", "/control/plan"));
    server.run_there([] {});
    return kept.asked > http_server::max_connections;
  }));
  server.run_there([&] { kept.replies.clear(); });
}

TEST_F(control_socket_test, closes_what_is_open_when_it_ends) {
  keeper kept;
  running_server server(socket_, kept.handler());
  auto reply = std::async(std::launch::async, [&] { return ask(socket_, {"reload", {}}, patience); });
  ASSERT_TRUE(eventually([&] { return kept.asked > 0; }));
  server.close();
  const auto answer = reply.get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::errc::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("closed the connection without an answer"));
  server.run_there([&] { kept.replies.front()({base::exit_code::ok, "too late", ""}); });
}

TEST_F(control_socket_test, may_go_from_within_its_handler) {
  asio::io_context context{1};
  std::unique_ptr<http_server> server;
  auto opened = http_server::open_control_socket(
      context, socket_, sources_with([&](const control_request&, const on_answer& reply) {
        server.reset();
        reply({base::exit_code::ok, "gone", ""});
      }));
  ASSERT_TRUE(opened);
  server = std::move(*opened);
  auto reply = std::async(std::launch::async, [&] { return ask(socket_, {"reload", {}}, patience); });
  context.run();
  EXPECT_FALSE(reply.get());
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(control_socket_test, tells_a_client_what_to_do_when_there_is_no_host) {
  const auto absent = ask(socket_, {"plan", {}}, patience).error();
  EXPECT_EQ(absent.code, base::errc::unavailable);
  EXPECT_THAT(absent.message, HasSubstr("there is no such socket"));
  leave_a_socket();
  const auto dead = ask(socket_, {"plan", {}}, patience).error();
  EXPECT_EQ(dead.code, base::errc::unavailable);
  EXPECT_THAT(dead.message, HasSubstr("has ended"));
}

TEST_F(control_socket_test, lets_a_client_wait_no_longer_than_it_wants) {
  keeper kept;
  running_server server(socket_, kept.handler());
  const auto reply = ask(socket_, {"reload", {}}, base::milliseconds(50));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, base::errc::timed_out);
  EXPECT_THAT(reply.error().message, HasSubstr("has not answered within 50 ms"));
}

}  // namespace
}  // namespace scanhost::admin
