// SPDX-License-Identifier: Apache-2.0
#include "admin/peers.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
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
  // One question, kept until its answer is there.
  struct exchange {
    explicit exchange(asio::io_context& context) : stream(context) { response.body_limit(max_status_size); }

    beast::tcp_stream stream;
    http::request<http::empty_body> request;
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> response;
  };

  std::string address;  // "10.0.0.2:9464"
  asio::ip::tcp::endpoint endpoint;
  base::secret token;
  std::string status;  // as it came last; empty: none did
  std::optional<base::timestamp> at;
  std::string problem;
  std::optional<base::steady_time> asked;
  std::optional<exchange> under_way;

  bool is_due() const { return !under_way && (!asked || base::steady::now() - *asked >= max_age); }

  // The handlers keep the object: the host may end meanwhile.
  static void ask(const std::shared_ptr<peer>& self, asio::io_context& context) {
    self->asked = base::steady::now();
    auto& call = self->under_way.emplace(context);
    call.request = request_for(self->address, self->token);
    call.stream.expires_after(patience);
    call.stream.async_connect(self->endpoint, [self](const error_code& failure) {
      if (failure) return self->end(failure);
      auto& connected = *self->under_way;
      http::async_write(connected.stream, connected.request, [self](const error_code& failed, std::size_t) {
        if (failed) return self->end(failed);
        auto& sent = *self->under_way;
        http::async_read(sent.stream, sent.buffer, sent.response,
                         [self](const error_code& last, std::size_t) { self->end(last); });
      });
    });
  }

  void end(const error_code& failure) {
    take(failure, under_way->response.get());
    under_way.reset();
  }

  void take(const error_code& failure, const http::response<http::string_body>& response) {
    problem = failure ? explain(failure) : explain(response);
    if (!problem.empty()) return;
    status = response.body();
    while (status.ends_with('\n')) status.pop_back();
    at = base::system_now();
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
  for (const auto& peer : peers_)
    if (peer->under_way) peer->under_way->stream.close();
}

std::string peers::json() {
  std::string list;
  for (const auto& peer : peers_) {
    list.append(list.empty() ? "" : ",").append(peer->json());
    if (peer->is_due()) peer::ask(peer, context_);
  }
  return fmt::format("{{\"version\":1,\"peers\":[{}]}}\n", list);
}

}  // namespace scanhost::admin
