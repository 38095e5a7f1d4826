// SPDX-License-Identifier: Apache-2.0
//
// Boost.Beast around routes.hpp: reads a request within its limits, writes the answer, and goes on with
// the next one of the same connection.
#include "admin/http_server.hpp"

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <set>
#include <utility>

#include "admin/control_wait.hpp"

namespace scanhost::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using parser = http::request_parser<http::empty_body>;

constexpr std::chrono::seconds client_patience{10};   // for a request, and for a reader of an answer
constexpr std::chrono::minutes control_patience{15};  // for what a button asked for
constexpr std::chrono::seconds last_patience{2};      // for what still arrives after a refusal
constexpr std::chrono::milliseconds accept_delay{100};
constexpr std::uint32_t max_header_size = 8 * 1024;
constexpr std::size_t max_buffer_size = 2 * max_header_size;
constexpr std::size_t max_discarded_bytes = std::size_t{1} << 20;
// Connections beyond the limit that are told so; those beyond these too are closed without a word.
constexpr std::size_t max_refusals = 16;

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
  if (!from.allow.empty())
    response.set(http::field::allow, beast::string_view(from.allow.data(), from.allow.size()));
  response.keep_alive(keep_alive);
  response.content_length(from.body.size());
  if (!head) response.body() = std::move(from.body);
  return response;
}

// Nothing: the connection is gone, and there is nobody to answer.
std::optional<answer> answer_to_fault(const error_code& problem) {
  if (problem.category() != http::make_error_code(http::error::bad_method).category()) return {};
  if (problem == http::error::end_of_stream || problem == http::error::partial_message) return {};
  if (problem == http::error::header_limit || problem == http::error::buffer_overflow)
    return header_too_large();
  if (problem == http::error::body_limit || problem == http::error::unexpected_body)
    return body_not_allowed();
  return bad_request(problem.message());
}

request to_request(const http::request<http::empty_body>& message) {
  const auto view = [](beast::string_view text) { return std::string_view(text.data(), text.size()); };
  request asked;
  asked.method = view(message.method_string());
  asked.target = view(message.target());
  asked.needs_host = message.version() >= 11;
  const auto [first, last] = message.equal_range(http::field::host);
  for (auto at = first; at != last; ++at) asked.hosts.push_back(view(at->value()));
  const auto [first_mark, last_mark] = message.equal_range("X-Scanhost");
  for (auto at = first_mark; at != last_mark; ++at) asked.marks.push_back(view(at->value()));
  return asked;
}

std::string advice(const error_code& problem) {
  if (problem == asio::error::address_in_use)
    return "; another program, perhaps another scanhost, has it: give admin.listen another port, or none";
  if (problem == asio::error::access_denied)
    return "; ports below 1024 need a privilege: give admin.listen a higher one";
  return "; see admin.listen";
}

}  // namespace

class http_server::impl : public std::enable_shared_from_this<impl> {
 public:
  impl(asio::io_context& context, std::vector<std::string> host_names, sources from)
      : acceptor_(context), pause_(context), host_names_(std::move(host_names)), from_(std::move(from)) {}

  error_code listen(const tcp::endpoint& where) {
    error_code problem;
    acceptor_.open(where.protocol(), problem);
    if (!problem) acceptor_.set_option(tcp::acceptor::reuse_address(true), problem);
    if (!problem) acceptor_.bind(where, problem);
    if (!problem) acceptor_.listen(asio::socket_base::max_listen_connections, problem);
    if (!problem) port_ = acceptor_.local_endpoint(problem).port();
    return problem;
  }

  void start() { asio::co_spawn(acceptor_.get_executor(), accept(shared_from_this()), asio::detached); }

  void close() {
    closed_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (auto* stream : streams_) stream->close();
  }

  std::uint16_t port() const noexcept { return port_; }

 private:
  // A connection that can be closed from outside. It keeps the object alive while it is open.
  class connection {
   public:
    connection(std::shared_ptr<impl> owner, tcp::socket socket)
        : stream(std::move(socket)), owner_(std::move(owner)) {
      owner_->streams_.insert(&stream);
    }
    ~connection() { owner_->streams_.erase(&stream); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    beast::tcp_stream stream;
    beast::flat_buffer buffer{max_buffer_size};
    const impl& owner() const noexcept { return *owner_; }

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
      const auto open = self->streams_.size();
      if (open >= max_connections + max_refusals) continue;
      const bool refused = open >= max_connections;
      auto client = std::make_unique<connection>(self, std::move(socket));
      asio::co_spawn(self->acceptor_.get_executor(),
                     refused ? refuse(std::move(client)) : serve(std::move(client)), asio::detached);
    }
  }

  static asio::awaitable<void> serve(std::unique_ptr<connection> client) {
    bool keep_alive = true;
    while (keep_alive && !client->owner().closed_) {
      parser reading;
      reading.header_limit(max_header_size);
      reading.body_limit(0);
      error_code problem;
      client->stream.expires_after(client_patience);
      co_await http::async_read(client->stream, client->buffer, reading,
                                asio::redirect_error(asio::use_awaitable, problem));
      if (client->owner().closed_) co_return;
      if (problem) {
        auto refusal = answer_to_fault(problem);
        if (refusal) co_await dismiss(*client, std::move(*refusal));
        co_return;
      }
      const auto& message = reading.get();
      keep_alive = message.keep_alive();
      auto reply = client->owner().answer_to(to_request(message));
      if (reply.control)
        reply =
            answer_of(co_await ask_handler(client->owner().from_.control, *reply.control, control_patience));
      if (client->owner().closed_) co_return;
      auto response =
          to_response(std::move(reply), message.version(), keep_alive, message.method() == http::verb::head);
      if (!co_await write(*client, response)) co_return;
    }
    error_code ignored;
    client->stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  static asio::awaitable<void> refuse(std::unique_ptr<connection> client) {
    co_await dismiss(*client, too_many_connections());
  }

  // Says why, then takes what still arrives: closing at once would make the other side's system throw the
  // answer away before it is read.
  static asio::awaitable<void> dismiss(connection& client, answer reply) {
    auto response = to_response(std::move(reply), 11, false, false);
    if (!co_await write(client, response)) co_return;
    error_code problem;
    client.stream.socket().shutdown(tcp::socket::shutdown_send, problem);
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

  answer answer_to(const request& asked) const {
    try {
      return route(asked, from_, host_names_);
    } catch (const std::exception& problem) {
      return {500, "text/plain; charset=utf-8",
              std::string("the answer could not be made: ") + problem.what() + "\n"};
    }
  }

  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::vector<std::string> host_names_;
  sources from_;
  std::set<beast::tcp_stream*> streams_;
  std::uint16_t port_ = 0;
  bool closed_ = false;
};

http_server::http_server(std::shared_ptr<impl> server) noexcept : impl_(std::move(server)) {}
http_server::~http_server() { impl_->close(); }

std::uint16_t http_server::port() const noexcept { return impl_->port(); }

base::result<std::unique_ptr<http_server>> http_server::open(asio::io_context& context,
                                                             const config::admin_settings& settings,
                                                             sources from) {
  error_code problem;
  if (!settings.control) from.control = nullptr;
  const auto address = asio::ip::make_address(settings.address, problem);
  auto server = std::make_shared<impl>(context, settings.host_names, std::move(from));
  if (!problem) problem = server->listen({address, settings.port});
  if (problem)
    return base::fail(base::errc::os, "cannot listen on " + settings.address + ", port " +
                                          std::to_string(settings.port) + ": " + problem.message() +
                                          advice(problem));
  server->start();
  return std::make_unique<http_server>(std::move(server));
}

}  // namespace scanhost::admin
