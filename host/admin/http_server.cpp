// SPDX-License-Identifier: Apache-2.0
#include "admin/http_server.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <exception>
#include <set>
#include <utility>

#include "admin/control_listener.hpp"
#include "admin/tcp_listener.hpp"

namespace scanhost::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using protocol = asio::generic::stream_protocol;  // TCP or a Unix socket
using stream_type = beast::basic_stream<protocol>;
using acceptor_type = asio::basic_socket_acceptor<protocol>;
using parser = http::request_parser<http::empty_body>;

constexpr std::chrono::seconds client_patience{10};  // for a request, and for a reader of an answer
constexpr std::chrono::seconds last_patience{2};     // for what still arrives after a refusal
constexpr std::chrono::milliseconds accept_delay{100};
constexpr std::size_t max_discarded_bytes = std::size_t{1} << 20;
// Connections beyond the limit that get an answer that says so; those beyond these too are closed at once.
constexpr std::size_t max_refusals = 16;

// What differs between the two places at which a server listens.
struct access {
  peer from;
  std::vector<std::string> host_names;  // see route()
  tokens roles;
  std::uint32_t max_header_size;  // bytes
  std::chrono::minutes max_wait;  // for the answer to a command
};

// The names of many scanners fit into a request of the owner, who waits as long as `ctl --timeout` says.
access for_anybody(const config::admin_settings& settings) {
  return {peer::anybody, settings.host_names, tokens(settings), 8 * 1024, std::chrono::minutes(15)};
}
access for_the_owner() {
  return {peer::owner, {}, tokens(config::admin_settings{}), 64 * 1024, std::chrono::hours(24)};
}

// The answer to a command, until it has arrived.
struct pending_answer {
  explicit pending_answer(const asio::any_io_executor& executor) : arrived(executor) {}
  asio::steady_timer arrived;  // cancelled by the answer
  std::optional<control_answer> answer;
};

// The page brings its own style and script and talks to this server alone; nobody may put it in a frame.
constexpr const char* content_policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

http::response<http::string_body> to_response(answer from, unsigned version, bool keep_alive, bool head) {
  http::response<http::string_body> response(http::status(from.status), version);
  response.set(http::field::server, "scanhost");
  response.set(http::field::content_type,
               beast::string_view(from.content_type.data(), from.content_type.size()));
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Content-Security-Policy", content_policy);
  response.set("Referrer-Policy", "no-referrer");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  if (from.needs_token) response.set(http::field::www_authenticate, "Bearer realm=\"scanhost\"");
  if (!from.allow.empty())
    response.set(http::field::allow, beast::string_view(from.allow.data(), from.allow.size()));
  response.keep_alive(keep_alive);
  response.content_length(from.body.size());
  if (!head) response.body() = std::move(from.body);
  return response;
}

// Nothing: the connection is gone, and there is nobody to answer.
std::optional<answer> answer_to_fault(const error_code& problem, std::size_t max_header_size) {
  if (problem.category() != http::make_error_code(http::error::bad_method).category()) return {};
  if (problem == http::error::end_of_stream || problem == http::error::partial_message) return {};
  if (problem == http::error::header_limit || problem == http::error::buffer_overflow)
    return header_too_large(max_header_size);
  if (problem == http::error::body_limit || problem == http::error::unexpected_body)
    return body_not_allowed();
  return bad_request(problem.message());
}

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

template <class Name>
std::vector<std::string_view> values_of(const http::request<http::empty_body>& message, Name name) {
  std::vector<std::string_view> values;
  const auto [first, last] = message.equal_range(name);
  for (auto at = first; at != last; ++at) values.push_back(view(at->value()));
  return values;
}

request to_request(const http::request<http::empty_body>& message, peer from, std::string_view by) {
  request asked;
  asked.method = view(message.method_string());
  asked.target = view(message.target());
  asked.needs_host = message.version() >= 11;
  asked.from = from;
  asked.by = by;
  asked.hosts = values_of(message, http::field::host);
  asked.marks = values_of(message, "X-Scanhost");
  return asked;
}

uid_t user_of(protocol::socket& peer) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  const bool known = ::getsockopt(peer.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0;
  return known ? credentials.uid : static_cast<uid_t>(-1);
}

// "1000" where the system knows no name.
std::string name_of_user(uid_t user) {
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  const bool known = ::getpwuid_r(user, &entry, room.data(), room.size(), &found) == 0 && found != nullptr;
  return known ? entry.pw_name : std::to_string(user);
}

// "127.0.0.1", "::1"; empty: it has none.
std::string address_of_peer(protocol::socket& peer) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXHOST> text{};
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const bool known = ::getpeername(peer.native_handle(), reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
                     ::getnameinfo(generic, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0;
  return known ? text.data() : "";
}

int family_of(int descriptor) {
  int family = AF_UNSPEC;
  socklen_t size = sizeof family;
  ::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size);
  return family;
}

}  // namespace

class http_server::impl : public std::enable_shared_from_this<impl> {
 public:
  // `descriptor`: listening; taken over.
  impl(asio::io_context& context, int descriptor, access rules, sources from)
      : acceptor_(context, protocol(family_of(descriptor), 0), descriptor),
        pause_(context),
        access_(std::move(rules)),
        from_(std::move(from)) {}

  void start() { asio::co_spawn(acceptor_.get_executor(), accept(shared_from_this()), asio::detached); }

  void close() {
    closed_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (auto* stream : streams_) stream->close();
    file_.reset();
  }

  void set_port(std::uint16_t port) noexcept { port_ = port; }
  void keep(control_listener file) { file_.emplace(std::move(file)); }
  std::uint16_t port() const noexcept { return port_; }

 private:
  // A connection that can be closed from outside. It keeps the object alive while it is open.
  class connection {
   public:
    connection(std::shared_ptr<impl> owner, protocol::socket socket, std::string peer_name)
        : stream(std::move(socket)),
          by(std::move(peer_name)),
          // Room for a header and what may follow it.
          buffer(std::size_t{2} * owner->access_.max_header_size),
          owner_(std::move(owner)) {
      owner_->streams_.insert(&stream);
    }
    ~connection() { owner_->streams_.erase(&stream); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    stream_type stream;
    const std::string by;  // who is at the other end
    beast::flat_buffer buffer;
    impl& owner() const noexcept { return *owner_; }

   private:
    std::shared_ptr<impl> owner_;
  };

  // `self` keeps the object alive while the coroutine is.
  static asio::awaitable<void> accept(std::shared_ptr<impl> self) {
    while (!self->closed_) {
      error_code problem;
      auto socket = co_await self->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, problem));
      if (self->closed_) co_return;
      if (problem) {  // no more descriptors, for one: those who have them will end
        self->pause_.expires_after(accept_delay);
        co_await self->pause_.async_wait(asio::redirect_error(asio::use_awaitable, problem));
        continue;
      }
      if (self->streams_.size() >= max_connections + max_refusals) continue;
      auto refusal = self->refusal_of(socket);
      auto by = self->name_of_peer(socket);
      auto client = std::make_unique<connection>(self, std::move(socket), std::move(by));
      asio::co_spawn(self->acceptor_.get_executor(),
                     refusal ? refuse(std::move(client), std::move(*refusal)) : serve(std::move(client)),
                     asio::detached);
    }
  }

  // Why a peer that has just connected is refused; nothing: it is not.
  std::optional<answer> refusal_of(protocol::socket& socket) const {
    if (access_.from == peer::owner && !peer_allowed(user_of(socket), ::geteuid())) return peer_not_allowed();
    if (streams_.size() >= max_connections) return too_many_connections();
    return {};
  }

  // No other users may connect, and their names are looked up once: that may take the system long.
  std::string name_of_peer(protocol::socket& socket) const {
    if (access_.from != peer::owner) return fmt::format("the page ({})", address_of_peer(socket));
    return user_of(socket) == 0 ? "root" : own_name_;
  }

  static asio::awaitable<void> serve(std::unique_ptr<connection> client) {
    bool keep_alive = true;
    while (keep_alive && !client->owner().closed_) {
      parser reading;
      reading.header_limit(client->owner().access_.max_header_size);
      reading.body_limit(0);
      error_code problem;
      client->stream.expires_after(client_patience);
      // A body is never read: Beast's reader of chunks fails an assertion on some bytes.
      co_await http::async_read_header(client->stream, client->buffer, reading,
                                       asio::redirect_error(asio::use_awaitable, problem));
      if (client->owner().closed_) co_return;
      if (!problem && reading.chunked()) problem = http::error::unexpected_body;
      if (problem) {
        auto refusal = answer_to_fault(problem, client->owner().access_.max_header_size);
        if (refusal) co_await dismiss(*client, std::move(*refusal));
        co_return;
      }
      const auto& message = reading.get();
      keep_alive = message.keep_alive();
      auto reply = client->owner().answer_to(message, client->by);
      if (reply.control || reply.question) {
        const bool asks = reply.question.has_value();
        const auto& handler = asks ? client->owner().from_.questions : client->owner().from_.control;
        const auto performed = co_await perform(*client, handler, asks ? *reply.question : *reply.control);
        if (!performed) co_return;
        reply = asks ? answer_to_question(*performed) : answer_of(*performed);
      }
      auto response =
          to_response(std::move(reply), message.version(), keep_alive, message.method() == http::verb::head);
      if (!co_await write(*client, response)) co_return;
    }
    error_code ignored;
    client->stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  }

  // Has the command performed and waits for its answer. Nothing: the peer has left, or the server has ended.
  static asio::awaitable<std::optional<control_answer>> perform(connection& client,
                                                                const control_handler& handler,
                                                                const control_request& request) {
    const auto pending = std::make_shared<pending_answer>(client.stream.get_executor());
    client.stream.expires_never();
    client.stream.socket().async_wait(asio::socket_base::wait_error,
                                      [pending](const error_code&) { pending->arrived.cancel(); });
    pending->arrived.expires_after(client.owner().access_.max_wait);
    ask(handler, request, pending);
    error_code problem;
    if (!pending->answer)
      co_await pending->arrived.async_wait(asio::redirect_error(asio::use_awaitable, problem));
    if (client.owner().closed_) co_return std::nullopt;
    error_code ignored;
    client.stream.socket().cancel(ignored);
    if (!pending->answer && !problem)
      co_return control_answer{
          base::exit_code::unavailable, "the host is still carrying out the request; see the status", {}};
    co_return std::move(pending->answer);
  }

  static void ask(const control_handler& handler, const control_request& request,
                  const std::shared_ptr<pending_answer>& pending) {
    try {
      handler(request, [pending](control_answer answer) {
        if (pending->answer) return;
        pending->answer = std::move(answer);
        pending->arrived.cancel();
      });
    } catch (const std::exception& problem) {
      pending->answer = {base::exit_code::software, fmt::format("the host failed: {}", problem.what()), {}};
    }
  }

  static asio::awaitable<void> refuse(std::unique_ptr<connection> client, answer refusal) {
    co_await dismiss(*client, std::move(refusal));
  }

  // Sends the answer, then reads what still arrives: closing at once would make the peer's system discard the
  // answer before it is read.
  static asio::awaitable<void> dismiss(connection& client, answer reply) {
    auto response = to_response(std::move(reply), 11, false, false);
    if (!co_await write(client, response)) co_return;
    error_code problem;
    client.stream.socket().shutdown(asio::socket_base::shutdown_send, problem);
    client.stream.expires_after(last_patience);
    std::array<char, 4096> discarded{};
    for (std::size_t total = 0; !problem && total < max_discarded_bytes;)
      total += co_await client.stream.async_read_some(asio::buffer(discarded),
                                                      asio::redirect_error(asio::use_awaitable, problem));
  }

  static asio::awaitable<bool> write(connection& client, const http::response<http::string_body>& response) {
    error_code problem;
    client.stream.expires_after(client_patience);
    http::serializer<false, http::string_body> writing(response);
    co_await http::async_write(client.stream, writing, asio::redirect_error(asio::use_awaitable, problem));
    co_return !problem;
  }

  answer answer_to(const http::request<http::empty_body>& message, std::string_view by) {
    try {
      auto asked = to_request(message, access_.from, by);
      asked.as = access_.roles.role_of(values_of(message, http::field::authorization));
      return route(asked, from_, access_.host_names);
    } catch (const std::exception& problem) {
      return {500, "text/plain; charset=utf-8",
              fmt::format("the answer could not be made: {}\n", problem.what())};
    }
  }

  acceptor_type acceptor_;
  asio::steady_timer pause_;
  access access_;
  const std::string own_name_ = access_.from == peer::owner ? name_of_user(::geteuid()) : std::string();
  sources from_;
  std::set<stream_type*> streams_;
  std::optional<control_listener> file_;  // of a control socket
  std::uint16_t port_ = 0;
  bool closed_ = false;
};

http_server::http_server(std::shared_ptr<impl> server) noexcept : impl_(std::move(server)) {}
http_server::~http_server() {
  try {
    impl_->close();
  } catch (const std::exception&) {
    // Nothing is left to close: Asio reports what the system refused to cancel.
  }
}

std::uint16_t http_server::port() const noexcept { return impl_->port(); }

base::result<std::unique_ptr<http_server>> http_server::open_port(asio::io_context& context,
                                                                  const config::admin_settings& settings,
                                                                  sources from) {
  auto listener = tcp_listener::open(settings.address, settings.port);
  if (!listener) return listener.error();
  if (!settings.control) from.control = nullptr;
  auto server =
      std::make_shared<impl>(context, listener->fd.release(), for_anybody(settings), std::move(from));
  server->set_port(listener->port);
  server->start();
  return std::make_unique<http_server>(std::move(server));
}

base::result<std::unique_ptr<http_server>> http_server::open_control_socket(asio::io_context& context,
                                                                            const std::filesystem::path& path,
                                                                            sources from) {
  auto listener = control_listener::open(path);
  if (!listener) return listener.error();
  auto server =
      std::make_shared<impl>(context, listener->release_descriptor(), for_the_owner(), std::move(from));
  server->keep(std::move(*listener));
  server->start();
  return std::make_unique<http_server>(std::move(server));
}

bool peer_allowed(uid_t peer, uid_t own) noexcept { return peer == 0 || peer == own; }

}  // namespace scanhost::admin
