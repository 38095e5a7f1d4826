// SPDX-License-Identifier: Apache-2.0
#include "admin/client.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "admin/commands.hpp"
#include "admin/query.hpp"
#include "base/errno_text.hpp"
#include "base/json.hpp"
#include "base/socket_path.hpp"
#include "base/unique_fd.hpp"

namespace scanhost::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace fs = std::filesystem;
using base::errc;
using base::fail;
using boost::system::error_code;
using json = nlohmann::ordered_json;

// Answers carry the status of every scanner with its history.
constexpr std::size_t mebibyte = 1'048'576;
constexpr std::size_t max_answer_size = 16 * mebibyte;
constexpr int max_exit_code = 255;  // what a process can end with

base::error cannot_connect(const fs::path& socket, int number) {
  if (number == ENOENT || number == ENOTDIR)
    return fail(
        errc::unavailable,
        fmt::format(
            "no scanhost listens at {}: there is no such socket; start one, or name the socket of one that runs with --socket, or the configuration that it was started with with --config",
            socket.string()));
  if (number == ECONNREFUSED)
    return fail(
        errc::unavailable,
        fmt::format("no scanhost listens at {}: the host that created this socket has ended; start it again",
                    socket.string()));
  if (number == EACCES || number == EPERM)
    return fail(
        errc::no_permission,
        fmt::format("{} is open to root and the user that scanhost runs as; use sudo, or become that user",
                    socket.string()));
  return fail(errc::unavailable,
              fmt::format("cannot connect to {}: {}", socket.string(), base::errno_text(number)));
}

base::error timed_out(const fs::path& socket, base::milliseconds patience) {
  return fail(
      errc::timed_out,
      fmt::format(
          "the host at {} has not answered within {} ms; the request may still be carried out (see scanhost ctl status); --timeout sets how long to wait",
          socket.string(), patience.count()));
}

// `in_header`: the header of the answer was not complete.
base::error exchange_error(const fs::path& socket, base::milliseconds patience, const error_code& problem,
                           bool in_header) {
  if (problem == beast::error::timeout) return timed_out(socket, patience);
  const bool broken_off = problem == http::error::partial_message && !in_header;
  if (problem == http::error::end_of_stream || broken_off || problem == asio::error::connection_reset ||
      problem == asio::error::eof)
    return fail(errc::unavailable,
                fmt::format("the host at {} closed the connection without an answer", socket.string()));
  if (problem == http::error::body_limit)
    return fail(errc::data, fmt::format("the answer of the host at {} is longer than {} MiB", socket.string(),
                                        max_answer_size / mebibyte));
  return fail(errc::data,
              fmt::format("the answer from {} is not HTTP ({}); is it a scanhost that listens there?",
                          socket.string(), problem.message()));
}

// Connects before Asio takes over: a full queue of the host makes connect() wait, which Asio cannot do for
// Unix sockets.
base::result<base::unique_fd> connect(const fs::path& socket, base::milliseconds patience) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.native().size() > base::max_socket_path)
    return fail(errc::usage, fmt::format("{} is too long for the path of a Unix socket", socket.string()));
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
  base::unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail(errc::os, fmt::format("cannot create a socket: {}", base::errno_text(errno)));
  const auto ms = std::max<std::int64_t>(patience.count(), 1);
  const timeval limit{ms / 1000, ms % 1000 * 1000};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  while (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EINTR) continue;
    return errno == EAGAIN ? timed_out(socket, patience) : cannot_connect(socket, errno);
  }
  return fd;
}

using response_parser = http::response_parser<http::string_body>;

// A host that refuses a connection may answer and close before it has read the request, so that writing fails
// although there is an answer.
asio::awaitable<void> exchange(beast::basic_stream<asio::local::stream_protocol>& stream,
                               const http::request<http::empty_body>& request, response_parser& response,
                               error_code& problem) {
  http::request_serializer<http::empty_body> writing(request);
  co_await http::async_write(stream, writing, asio::redirect_error(asio::use_awaitable, problem));
  const bool closed = problem == asio::error::broken_pipe || problem == asio::error::connection_reset;
  if (problem && !closed) co_return;
  beast::flat_buffer buffer;
  co_await http::async_read(stream, buffer, response, asio::redirect_error(asio::use_awaitable, problem));
}

http::request<http::empty_body> request_for(const command& entry, const control_request& asked) {
  std::string target(entry.target);
  for (const auto& argument : asked.arguments) target += "/" + encode_for_query(argument);
  char separator = '?';
  for (const auto& [name, value] : asked.options) {
    target += fmt::format("{}{}={}", separator, encode_for_query(name), encode_for_query(value));
    separator = '&';
  }
  http::request<http::empty_body> request(entry.method == "GET" ? http::verb::get : http::verb::post, target,
                                          11);
  request.set(http::field::host, "localhost");
  request.set(http::field::user_agent, "scanhost");
  request.set("X-Scanhost", "1");
  request.keep_alive(false);
  request.prepare_payload();
  return request;
}

base::exit_code exit_code_of(http::status status) {
  switch (http::to_status_class(status)) {
    case http::status_class::successful:
      return base::exit_code::ok;
    case http::status_class::client_error:
      return status == http::status::forbidden ? base::exit_code::no_permission : base::exit_code::usage;
    default:
      return status == http::status::service_unavailable ? base::exit_code::unavailable
                                                         : base::exit_code::software;
  }
}

// What routes.hpp makes of the answer to a command; nothing: it is another text.
std::optional<control_answer> read_answer(const std::string& body) {
  const auto object = json::parse(body, nullptr, false);
  if (!object.is_object()) return {};
  const auto code = object.find("exit_code"), message = object.find("message"), data = object.find("data");
  if (code == object.end() || !code->is_number_integer() || message == object.end() || !message->is_string())
    return {};
  const auto number = code->get<std::int64_t>();
  if (number < 0 || number > max_exit_code) return {};
  return control_answer{static_cast<base::exit_code>(number), message->get<std::string>(),
                        data == object.end() ? std::string() : base::json_line(*data)};
}

base::result<control_answer> answer_of(const fs::path& socket,
                                       const http::response<http::string_body>& response) {
  if (response[http::field::server] != "scanhost")
    return fail(errc::data, fmt::format("the answer from {} is not that of a scanhost", socket.string()));
  if (auto answer = read_answer(response.body())) return *answer;
  const auto code = exit_code_of(response.result());
  if (code == base::exit_code::ok) return control_answer{code, {}, response.body()};
  auto message = response.body();
  while (message.ends_with('\n')) message.pop_back();
  return control_answer{code, std::move(message), {}};
}

}  // namespace

base::result<control_answer> ask(const fs::path& socket, const control_request& request,
                                 base::milliseconds patience) {
  const auto* entry = find_command(request.command);
  if (entry == nullptr)
    return fail(errc::usage,
                fmt::format("{}: no such command; the commands are {}", request.command, command_names()));
  const auto deadline = base::steady::now() + patience;
  auto fd = connect(socket, patience);
  if (!fd) return fd.error();
  asio::io_context context{1};
  beast::basic_stream<asio::local::stream_protocol> stream(context);
  stream.socket().assign(asio::local::stream_protocol(), fd->release());
  stream.expires_at(deadline);
  const auto message = request_for(*entry, request);
  response_parser response;
  response.body_limit(max_answer_size);
  error_code problem;
  asio::co_spawn(context, exchange(stream, message, response, problem),
                 [](const std::exception_ptr& failure) {
                   if (failure) std::rethrow_exception(failure);
                 });
  context.run();
  if (problem) return exchange_error(socket, patience, problem, !response.is_header_done());
  return answer_of(socket, response.get());
}

}  // namespace scanhost::admin
