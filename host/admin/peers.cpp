// SPDX-License-Identifier: Apache-2.0
#include "admin/peers.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/time_text.hpp"
#include "config/store_keys.hpp"

namespace scanhost::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

http::request<http::empty_body> request_for(const std::string& address, const base::secret& token) {
  http::request<http::empty_body> request(http::verb::get, "/status.json", 11);
  request.set(http::field::host, address);
  request.set(http::field::user_agent, "scanhost");
  if (!token.empty()) request.set(http::field::authorization, "Bearer " + token.reveal());
  request.keep_alive(false);
  return request;
}

std::string explain(const error_code& problem) {
  if (problem == beast::error::timeout)
    return fmt::format("it has not answered within {} s", peers::patience.count());
  return problem.message();
}

// Empty: the body is the status of a host.
std::string explain(const http::response<http::string_body>& response) {
  if (response.result() == http::status::unauthorized)
    return "it has another admin.read_token_file than this host";
  if (response.result() != http::status::ok) return fmt::format("it answered {}", response.result_int());
  if (response[http::field::server] != "scanhost" || !nlohmann::json::accept(response.body()))
    return "its answer is not that of a scanhost";
  return {};
}

}  // namespace

struct peers::peer {
  std::string address;  // "10.0.0.2:9464"
  asio::ip::tcp::endpoint endpoint;
  base::secret token;
  std::string status;  // as it came last; empty: none did
  std::optional<base::timestamp> at;
  std::string problem;
  std::optional<base::steady_time> asked;
  bool is_asked = false;                // a request is under way
  bool is_left = false;                 // nobody waits for it any more
  beast::tcp_stream* stream = nullptr;  // its connection

  bool is_due() const { return !is_asked && (!asked || base::steady::now() - *asked >= max_age); }

  void take(const error_code& failure, const http::response<http::string_body>& response) {
    problem = failure ? explain(failure) : explain(response);
    if (!problem.empty()) return;
    status = response.body();
    while (status.ends_with('\n')) status.pop_back();
    at = base::system_now();
  }

  // The object is kept by `self` until the answer is there.
  static asio::awaitable<void> ask(std::shared_ptr<peer> self) {
    if (self->is_left) co_return;
    beast::tcp_stream stream(co_await asio::this_coro::executor);
    self->stream = &stream;
    self->asked = base::steady::now();
    stream.expires_after(patience);
    error_code failure;
    http::response_parser<http::string_body> response;
    response.body_limit(max_status_size);
    co_await exchange(*self, stream, response, failure);
    self->stream = nullptr;
    self->is_asked = false;
    self->take(failure, response.get());
  }

  static asio::awaitable<void> exchange(const peer& self, beast::tcp_stream& stream,
                                        http::response_parser<http::string_body>& response,
                                        error_code& failure) {
    co_await stream.async_connect(self.endpoint, asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return;
    const auto request = request_for(self.address, self.token);
    http::request_serializer<http::empty_body> writing(request);
    co_await http::async_write(stream, writing, asio::redirect_error(asio::use_awaitable, failure));
    if (failure) co_return;
    beast::flat_buffer buffer;
    co_await http::async_read(stream, buffer, response, asio::redirect_error(asio::use_awaitable, failure));
  }

  // The status goes in as it came: it was found to be JSON, and may be nested deeper than a writer can
  // follow.
  std::string json() const {
    const auto text = [](const std::string& value) { return base::json_line(nlohmann::ordered_json(value)); };
    auto object = fmt::format(R"({{"address":{},"at_ms":{},"problem":{},"status":{}}})", text(address),
                              at ? std::to_string(at->time_since_epoch().count()) : "null",
                              problem.empty() ? "null" : text(problem), status.empty() ? "null" : status);
    std::erase(object, '\n');
    return object;
  }
};

peers::peers(asio::io_context& context, const std::vector<config::server_address>& addresses,
             const base::secret& read_token)
    : context_(context) {
  for (const auto& address : addresses) {
    auto& added = *peers_.emplace_back(std::make_shared<peer>());
    added.address = config::to_text(address);
    added.endpoint = {asio::ip::make_address(address.host), address.port};
    added.token = read_token;
  }
}

peers::~peers() {
  for (const auto& peer : peers_) {
    peer->is_left = true;
    if (peer->stream != nullptr) peer->stream->close();
  }
}

std::string peers::json() {
  std::string list;
  for (const auto& peer : peers_) {
    list.append(list.empty() ? "" : ",").append(peer->json());
    if (!peer->is_due()) continue;
    peer->is_asked = true;
    asio::co_spawn(context_, peer::ask(peer), asio::detached);
  }
  return fmt::format("{{\"version\":1,\"peers\":[{}]}}\n", list);
}

}  // namespace scanhost::admin
