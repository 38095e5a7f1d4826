// SPDX-License-Identifier: Apache-2.0
//
// The HTTP server, over its real sockets. A client sends any bytes in any pieces and then closes its side.
// Each complete request gets exactly one well-formed answer, the one that the routes give for it; after what
// cannot be read as a request at most one refusal follows; no answer is a server error; the connection ends.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "admin/http_server.hpp"
#include "admin/routes.hpp"
#include "base/unique_fd.hpp"
#include "fuzz.hpp"

namespace {

using namespace scanhost;
using fuzz::require;
namespace http = boost::beast::http;
namespace fs = std::filesystem;

constexpr std::size_t max_input = 64 * 1024;

runner::scanner_status ready_scanner(const std::string& name) {
  runner::scanner_status status;
  status.name = name;
  status.plugin = "sweeper";
  status.state = runner::scanner_state::waiting;
  status.generation = 1;
  status.cycles = 3;
  status.store.state = store::connection_state::up;
  return status;
}

// Both places at which a host answers, for as long as the process lives.
class host {
 public:
  host() {
    fs::create_directories(folder_);
    socket_ = std::move(admin::http_server::open_control_socket(context_, socket_path(), answers())).value();
    config::admin_settings settings;
    settings.port = 0;
    settings.host_names = {"scanhost.example"};
    port_ = std::move(admin::http_server::open_port(context_, settings, answers())).value();
  }
  ~host() {
    socket_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  // Commands are answered at once or later.
  admin::sources answers() {
    auto from = pure_answers();
    from.control = [this](const admin::control_request& request, admin::on_answer done) {
      admin::control_answer answer{base::exit_code::ok, request.command, {}};
      if (request.arguments.size() % 2 == 0) return done(std::move(answer));
      boost::asio::post(context_, [done = std::move(done), answer = std::move(answer)] { done(answer); });
    };
    return from;
  }

  // What the routes need to give an answer, or the command to perform.
  static admin::sources pure_answers() {
    admin::sources from;
    from.metrics = [] { return std::string("up 1\n"); };
    from.statuses = [] { return std::vector{ready_scanner("sweeper"), ready_scanner("sweeper@acme")}; };
    from.not_ready = [] { return std::string(); };
    from.control = [](const admin::control_request&, admin::on_answer) {};
    return from;
  }

  base::unique_fd connect(admin::peer as) const {
    return as == admin::peer::owner ? connect_to_socket() : connect_to_port();
  }

  void work() { context_.poll(); }

 private:
  fs::path socket_path() const { return folder_ / "control.sock"; }

  base::unique_fd connect_to_socket() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = socket_path().string();
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return connected(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  base::unique_fd connect_to_port() const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connected(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  // The error of a connect() that was interrupted; 0: none.
  static int finish_connecting(int fd) {
    pollfd wait{fd, POLLOUT, 0};
    while (::poll(&wait, 1, -1) < 0 && errno == EINTR) {
    }
    int problem = 0;
    socklen_t size = sizeof problem;
    return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 ? problem : errno;
  }

  static base::unique_fd connected(int family, const sockaddr* address, socklen_t size) {
    base::unique_fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    int problem = fd && ::connect(fd.get(), address, size) == 0 ? 0 : errno;
    if (problem == EINTR) problem = finish_connecting(fd.get());  // by the alarm of libFuzzer
    require(problem == 0, "a client can connect", std::strerror(problem));
    ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    // Closing leaves nothing behind that would use the ports up.
    const linger at_once{1, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return fd;
  }

  fs::path folder_ = fs::temp_directory_path() / fmt::format("scanhost-fuzz-http-{}", ::getpid());
  boost::asio::io_context context_;
  std::unique_ptr<admin::http_server> socket_;
  std::unique_ptr<admin::http_server> port_;
};

host& running_host() {
  static host running;
  return running;
}

// --- a client

class client {
 public:
  client(host& server, admin::peer as) : server_(server), fd_(server.connect(as)) {}

  // Everything that the server answers to these bytes.
  std::string exchange(std::string_view bytes, std::uint64_t seed) {
    fuzz::sequence sizes(seed);
    const auto largest = seed % 3 == 0 ? 5 : seed % 3 == 1 ? 500 : max_input;
    while (!bytes.empty() && !ended_) {
      const auto sent = send(bytes.substr(0, 1 + sizes.up_to(largest)));
      bytes.remove_prefix(sent);
      server_.work();
      receive();
    }
    ::shutdown(fd_.get(), SHUT_WR);
    for (int tries = 0; !ended_ && tries < 3000; ++tries) {
      server_.work();
      if (receive() || ended_) continue;
      pollfd wait{fd_.get(), POLLIN, 0};
      ::poll(&wait, 1, tries < 5 ? 0 : 1);
    }
    require(ended_, "the server ends a connection that the client has closed", received_);
    server_.work();
    return std::move(received_);
  }

 private:
  // How many bytes are done with: all of them once the server takes no more.
  std::size_t send(std::string_view piece) {
    const auto sent = ::send(fd_.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR ? 0 : piece.size();
    return static_cast<std::size_t>(sent);
  }

  // Whether anything came.
  bool receive() {
    char part[16 * 1024];
    const auto got = ::recv(fd_.get(), part, sizeof part, 0);
    if (got > 0) received_.append(part, static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) ended_ = true;
    return got > 0;
  }

  host& server_;
  base::unique_fd fd_;
  std::string received_;
  bool ended_ = false;
};

// --- what is to be answered

struct expectation {
  std::vector<admin::answer> answers;  // to the complete requests, in order
  std::vector<bool> head;
  bool may_refuse = false;   // what follows cannot be read as a request
  bool must_refuse = false;  // whatever else follows
  std::string problem;       // why
};

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

admin::request to_request(const http::request<http::empty_body>& message, admin::peer as) {
  admin::request asked;
  asked.method = view(message.method_string());
  asked.target = view(message.target());
  asked.needs_host = message.version() >= 11;
  asked.from = as;
  for (const auto& field : message) {
    if (field.name() == http::field::host) asked.hosts.push_back(view(field.value()));
    if (boost::beast::iequals(field.name_string(), "X-Scanhost")) asked.marks.push_back(view(field.value()));
  }
  return asked;
}

// Beast waits for the end of a second header when a first line ends sooner than one with a version would.
bool in_first_line(const boost::system::error_code& problem) {
  return problem == http::error::bad_method || problem == http::error::bad_target ||
         problem == http::error::bad_version || problem == http::error::bad_line_ending;
}

expectation expect(std::string_view bytes, admin::peer as) {
  const std::uint32_t limit = as == admin::peer::owner ? 64 * 1024 : 8 * 1024;
  expectation expected;
  for (bool keep_alive = true; keep_alive && !bytes.empty();) {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(limit);
    parser.body_limit(0);
    boost::system::error_code problem;
    // What is wrong in a header may be seen at its end only, which depends on the pieces.
    const bool has_end = bytes.find("\r\n\r\n") != std::string_view::npos;
    while (!parser.is_header_done() && !problem && !bytes.empty()) {
      const auto used = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), problem);
      bytes.remove_prefix(used);
      if (used == 0 && !problem) break;
    }
    if (parser.is_header_done() && parser.chunked()) {
      expected.may_refuse = expected.must_refuse = true;
      expected.problem = "a request with a body";
      return expected;
    }
    if (!parser.is_header_done()) {
      const bool wrong = problem && problem != http::error::need_more;
      expected.problem = problem.message();
      expected.must_refuse = wrong && has_end && !in_first_line(problem);
      // So is whether a header without an end is too long already.
      expected.may_refuse = wrong || bytes.size() + 16 >= limit;
      return expected;
    }
    const auto& message = parser.get();
    keep_alive = message.keep_alive();
    expected.head.push_back(message.method() == http::verb::head);
    expected.answers.push_back(admin::route(to_request(message, as), host::pure_answers(),
                                            as == admin::peer::owner
                                                ? std::vector<std::string>{}
                                                : std::vector<std::string>{"scanhost.example"}));
  }
  return expected;
}

// Takes one answer from the beginning of what was received.
http::response<http::string_body> take_answer(std::string_view& received, bool head) {
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  parser.skip(head);
  boost::system::error_code problem;
  while (!parser.is_done() && !problem && !received.empty()) {
    const auto used = parser.put(boost::asio::buffer(received.data(), received.size()), problem);
    received.remove_prefix(used);
    if (used == 0) break;
  }
  require(parser.is_done() && !problem, "an answer is well-formed", received);
  auto answer = parser.release();
  require(answer.count(http::field::content_length) == 1, "an answer has one length");
  require(answer.result_int() < 500, "no answer is a server error", answer.body());
  return answer;
}

void check(std::string_view received, const expectation& expected) {
  for (std::size_t i = 0; i < expected.answers.size(); ++i) {
    require(!received.empty(), "each complete request gets an answer");
    const auto answer = take_answer(received, expected.head[i]);
    const auto& routed = expected.answers[i];
    require(answer.result_int() == routed.status, "an answer has the status of its route",
            fmt::format("{}, not {}: {}", answer.result_int(), routed.status, routed.body));
    if (!routed.control && !expected.head[i])
      require(answer.body() == routed.body, "an answer has the body of its route");
  }
  if (received.empty()) {
    require(!expected.must_refuse, "what cannot be read as a request is refused", expected.problem);
    return;
  }
  require(expected.may_refuse, "a request gets one answer", received);
  const auto refusal = take_answer(received, false);
  require(refusal.result_int() >= 400 && received.empty(), "there is one refusal, and it is the last answer",
          received);
}

}  // namespace

// The last byte chooses the place, the two before it are the seed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input from(data, std::min(size, max_input));
  const auto as = from.flag() ? admin::peer::owner : admin::peer::anybody;
  const auto seed = from.number(2);
  const auto bytes = from.rest();
  const auto received = client(running_host(), as).exchange(bytes, seed);
  check(received, expect(bytes, as));
  return 0;
}
