// SPDX-License-Identifier: Apache-2.0
//
// The control socket on a real file: who may use it, what becomes of leftovers, and peers that misbehave.
#include "admin/control_server.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <optional>
#include <thread>

#include "admin/control_client.hpp"
#include "admin/control_wire.hpp"
#include "integration/admin/raw_unix_client.hpp"

namespace scanhost::admin {
namespace {

namespace asio = boost::asio;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

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

void echo(control_request request, const control_reply& reply) {
  std::string text = request.command;
  for (const auto& argument : request.arguments) text += " " + argument;
  reply({base::exit_code::ok, text, "{}"});
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
    auto server = control_server::open(context_, socket, std::move(handler));
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
  std::unique_ptr<control_server> server_;
  std::thread thread_;
};

// Keeps the replies that it is asked for.
struct keeper {
  std::vector<control_reply> replies;
  std::atomic<std::size_t> asked{0};

  control_handler handler() {
    return [this](const control_request&, control_reply reply) {
      replies.push_back(std::move(reply));
      ++asked;
    };
  }
};

class control_server_test : public testing::Test {
 protected:
  temporary_folder folder_;
  std::filesystem::path socket_ = folder_.path / "control.sock";

  std::string error_of_a_second_server() const {
    asio::io_context context;
    const auto server = control_server::open(context, socket_, echo);
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

TEST_F(control_server_test, answers_a_request) {
  const running_server server(socket_, echo);
  const auto reply = ask(socket_, {"reload", {"a", "b"}}, patience);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->code, base::exit_code::ok);
  EXPECT_EQ(reply->message, "reload a b");
  EXPECT_EQ(reply->data, "{}");
}

TEST_F(control_server_test, answers_later_too) {
  keeper kept;
  running_server server(socket_, kept.handler());
  auto reply = std::async(std::launch::async, [&] { return ask(socket_, {"reload", {}}, patience); });
  ASSERT_TRUE(eventually([&] { return kept.asked > 0; }));
  server.run_there([&] { kept.replies.front()({base::exit_code::config, "late", ""}); });
  EXPECT_EQ(reply.get()->message, "late");
}

TEST_F(control_server_test, answers_more_than_fits_into_the_buffers_of_a_socket) {
  const std::string much(4'000'000, 'x');
  const running_server server(socket_, [&](const control_request&, const control_reply& reply) {
    reply({base::exit_code::ok, "", much});
  });
  EXPECT_EQ(ask(socket_, {"status", {}}, patience)->data.size(), much.size());
}

TEST_F(control_server_test, says_so_when_a_reply_is_lost) {
  const running_server server(socket_, [](const control_request&, const control_reply&) {});
  const auto reply = ask(socket_, {"status", {}}, patience);
  EXPECT_EQ(reply->code, base::exit_code::software);
  EXPECT_THAT(reply->message, HasSubstr("no answer"));
}

TEST_F(control_server_test, lets_a_reply_go_on_another_thread) {
  keeper kept;
  running_server server(socket_, kept.handler());
  for (const bool answered : {true, false}) {
    auto reply = std::async(std::launch::async, [&] { return ask(socket_, {"status", {}}, patience); });
    ASSERT_TRUE(eventually([&] { return kept.asked == (answered ? 1U : 2U); }));
    control_reply taken;
    server.run_there([&] { taken = std::move(kept.replies.back()); });
    if (answered) server.run_there([&] { taken({base::exit_code::ok, "here", ""}); });
    taken = nullptr;
    EXPECT_EQ(reply.get()->code, answered ? base::exit_code::ok : base::exit_code::software);
  }
}

TEST_F(control_server_test, says_so_when_the_handler_throws) {
  const running_server server(
      socket_, [](const control_request&, const control_reply&) { throw std::runtime_error("out of luck"); });
  const auto reply = ask(socket_, {"status", {}}, patience);
  EXPECT_EQ(reply->code, base::exit_code::software);
  EXPECT_THAT(reply->message, HasSubstr("out of luck"));
}

TEST_F(control_server_test, takes_the_first_of_two_answers) {
  const running_server server(socket_, [](const control_request&, const control_reply& reply) {
    reply({base::exit_code::ok, "first", ""});
    reply({base::exit_code::ok, "second", ""});
  });
  EXPECT_EQ(ask(socket_, {"status", {}}, patience)->message, "first");
}

TEST_F(control_server_test, is_for_its_owner_alone) {
  const auto before = ::umask(0);
  const running_server server(socket_, echo);
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::lstat(socket_.c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST(control_server, lets_root_and_its_own_user_ask) {
  EXPECT_TRUE(peer_allowed(0, 7) && peer_allowed(7, 7) && peer_allowed(0, 0));
  EXPECT_FALSE(peer_allowed(7, 0) || peer_allowed(7, 8));
}

TEST_F(control_server_test, makes_its_folder) {
  const auto inside = folder_.path / "scanhost" / "control.sock";
  const running_server server(inside, echo);
  EXPECT_TRUE(ask(inside, {"status", {}}, patience));
}

TEST_F(control_server_test, removes_its_file_at_the_end) {
  { const running_server server(socket_, echo); }
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(control_server_test, does_not_remove_a_file_that_is_not_its_own) {
  {
    const running_server server(socket_, echo);
    std::filesystem::remove(socket_);
    std::ofstream(socket_) << "somebody else's";
  }
  EXPECT_TRUE(std::filesystem::exists(socket_));
}

TEST_F(control_server_test, replaces_the_socket_of_a_dead_host) {
  leave_a_socket();
  const running_server server(socket_, echo);
  EXPECT_TRUE(ask(socket_, {"status", {}}, patience));
}

TEST_F(control_server_test, refuses_the_place_of_a_living_one) {
  const running_server server(socket_, echo);
  EXPECT_THAT(error_of_a_second_server(), HasSubstr("belongs to a host that is running"));
  EXPECT_TRUE(ask(socket_, {"status", {}}, patience)) << "the first one must not suffer";
}

TEST_F(control_server_test, refuses_the_place_of_something_else) {
  std::ofstream(socket_) << "precious";
  EXPECT_THAT(error_of_a_second_server(), HasSubstr("is there already, and is no socket"));
  EXPECT_TRUE(std::filesystem::exists(socket_));
}

TEST_F(control_server_test, refuses_a_folder_that_everybody_may_write_to) {
  ::chmod(folder_.path.c_str(), 0777);
  EXPECT_THAT(error_of_a_second_server(), HasSubstr("can be written to by every user"));
}

TEST_F(control_server_test, refuses_a_folder_that_cannot_be_made) {
  socket_ = folder_.path / "a" / "b" / "control.sock";
  EXPECT_THAT(error_of_a_second_server(), HasSubstr("cannot be made"));
}

TEST_F(control_server_test, says_what_is_wrong_with_a_request) {
  const running_server server(socket_, echo);
  raw_unix_client client(socket_);
  client.send("GET / HTTP/1.1\n");
  EXPECT_THAT(client.read_all(), HasSubstr("this is not a request"));
}

TEST_F(control_server_test, refuses_a_request_without_an_end) {
  const running_server server(socket_, echo);
  raw_unix_client client(socket_);
  client.send("{\"command\":\"status\"}");
  client.finish();
  EXPECT_THAT(client.read_all(), HasSubstr("must end with a newline"));
}

TEST_F(control_server_test, refuses_a_request_that_is_too_long) {
  const running_server server(socket_, echo);
  raw_unix_client client(socket_);
  client.send(std::string(max_request_size + 1, 'x'));
  EXPECT_THAT(client.read_all(), HasSubstr("longer than 64 KiB"));
  EXPECT_EQ(ask(socket_, {std::string(max_request_size, 'x'), {}}, patience).error().code, base::errc::usage);
}

TEST_F(control_server_test, answers_a_peer_that_has_said_that_nothing_more_will_come) {
  keeper kept;
  running_server server(socket_, kept.handler());
  raw_unix_client client(socket_);
  client.send("{\"command\":\"status\"}\n");
  client.finish();
  ASSERT_TRUE(eventually([&] { return kept.asked > 0; }));
  server.run_there([&] { kept.replies.front()({base::exit_code::ok, "here", ""}); });
  EXPECT_THAT(client.read_all(), HasSubstr("\"here\""));
}

TEST_F(control_server_test, drops_the_answer_to_a_peer_that_has_gone) {
  keeper kept;
  running_server server(socket_, kept.handler());
  raw_unix_client client(socket_);
  client.send("{\"command\":\"status\"}\n");
  ASSERT_TRUE(eventually([&] { return kept.asked > 0; }));
  client.close();
  server.run_there([&] { kept.replies.front()({base::exit_code::ok, "nobody hears", ""}); });
  server.run_there([&] { kept.replies.clear(); });
  const auto next = std::async(std::launch::async, [&] { return ask(socket_, {"status", {}}, patience); });
  EXPECT_TRUE(eventually([&] { return kept.asked > 1; }));
  server.run_there([&] { kept.replies.clear(); });
}

TEST_F(control_server_test, drops_a_peer_that_says_nothing) {
  const running_server server(socket_, echo);
  raw_unix_client client(socket_);
  EXPECT_THAT(client.read_all(), IsEmpty());
}

TEST_F(control_server_test, turns_away_more_peers_than_it_takes_and_makes_room_when_they_go) {
  keeper kept;
  running_server server(socket_, kept.handler());
  std::vector<std::unique_ptr<raw_unix_client>> waiting;
  for (std::size_t i = 0; i < control_server::max_connections; ++i) {
    waiting.push_back(std::make_unique<raw_unix_client>(socket_));
    waiting.back()->send("{\"command\":\"status\"}\n");
  }
  ASSERT_TRUE(eventually([&] { return kept.asked == control_server::max_connections; }));
  const auto refused = ask(socket_, {"status", {}}, patience);
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->code, base::exit_code::unavailable);
  EXPECT_THAT(refused->message, HasSubstr("too many requests"));

  waiting.front()->close();  // without an answer
  EXPECT_TRUE(eventually([&] {
    raw_unix_client client(socket_);
    client.send("{\"command\":\"status\"}\n");
    server.run_there([] {});
    return kept.asked > control_server::max_connections;
  }));
  server.run_there([&] { kept.replies.clear(); });
}

TEST_F(control_server_test, closes_what_is_open_when_it_ends) {
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

TEST_F(control_server_test, may_go_from_within_its_handler) {
  asio::io_context context{1};
  std::unique_ptr<control_server> server;
  auto opened =
      control_server::open(context, socket_, [&](const control_request&, const control_reply& reply) {
        server.reset();
        reply({base::exit_code::ok, "gone", ""});
      });
  ASSERT_TRUE(opened);
  server = std::move(*opened);
  auto reply = std::async(std::launch::async, [&] { return ask(socket_, {"stop", {}}, patience); });
  context.run();
  EXPECT_FALSE(reply.get());
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(control_server_test, tells_a_client_what_to_do_when_there_is_no_host) {
  const auto absent = ask(socket_, {"status", {}}, patience).error();
  EXPECT_EQ(absent.code, base::errc::unavailable);
  EXPECT_THAT(absent.message, HasSubstr("there is no such socket"));
  leave_a_socket();
  const auto dead = ask(socket_, {"status", {}}, patience).error();
  EXPECT_EQ(dead.code, base::errc::unavailable);
  EXPECT_THAT(dead.message, HasSubstr("has ended"));
}

TEST_F(control_server_test, lets_a_client_wait_no_longer_than_it_wants) {
  keeper kept;
  running_server server(socket_, kept.handler());
  const auto reply = ask(socket_, {"reload", {}}, base::milliseconds(50));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, base::errc::timed_out);
  EXPECT_THAT(reply.error().message, HasSubstr("has not answered within 50 ms"));
}

}  // namespace
}  // namespace scanhost::admin
