// SPDX-License-Identifier: Apache-2.0
#include "store/connection/transport.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "base/socket_path.hpp"
#include "config/store_keys.hpp"
#include "tls/context_cache.hpp"

namespace scanhost::store {
namespace {

namespace asio = boost::asio;

// Text that becomes records at once; what the socket does not take of them is kept.
constexpr std::size_t max_piece = std::size_t{64} * 1024;

// For the server's verdict on the client's certificate before anything else is sent: a server that closes
// before it has read everything resets the connection, and its reason may be lost.
constexpr base::milliseconds max_verdict_wait{250};

}  // namespace

stream::stream(asio::io_context& context, const config::store_settings& settings, stream_user& user)
    : socket_(context),
      connector_(std::make_shared<connector>(context, settings.connect_timeout)),
      verdict_timer_(context),
      max_verdict_wait_(std::min(max_verdict_wait, settings.connect_timeout / 4)),
      user_(&user),
      server_(settings.addresses.empty() ? config::server_address{} : settings.addresses.front()),
      path_(settings.socket_path),
      tls_(settings.tls) {}

void stream::open() {
  if (tls_ && !prepare_tls()) return;
  if (path_.size() > base::max_socket_path)
    return fail_soon(fmt::format("the path of the socket is longer than {} bytes", base::max_socket_path));
  auto done = [self = shared_from_this()](base::result<connector::socket> link) {
    if (self->user_) self->connected(std::move(link));
  };
  if (path_.empty())
    connector_->connect(server_, std::move(done));
  else
    connector_->connect(path_, std::move(done));
}

std::size_t stream::write_now(std::string_view bytes) {
  if (engine_) return encrypt_now(bytes);
  error_code would_wait;
  return socket_.write_some(asio::buffer(bytes), would_wait);
}

void stream::write(std::string bytes) {
  output_ = std::move(bytes);
  if (engine_) {
    writing_ = true;
    encrypted_ = 0;
    return send_records();
  }
  asio::async_write(
      socket_, asio::buffer(output_),
      [self = shared_from_this()](const error_code& problem, std::size_t) { self->written(problem); });
}

void stream::close() {
  if (user_ != nullptr && opened_ && engine_ && !sending_) {
    engine_->close();
    error_code ignored;
    socket_.write_some(asio::buffer(engine_->output()), ignored);
  }
  user_ = nullptr;
  error_code ignored;
  connector_->cancel();
  verdict_timer_.cancel();
  socket_.close(ignored);
}

void stream::fail_soon(std::string problem) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), problem = std::move(problem)] {
    if (self->user_) self->report(problem);
  });
}

bool stream::prepare_tls() {
  auto found = tls::shared_contexts().find(*tls_);
  if (!found) {
    fail_soon(fmt::format("store.tls.{}: {}", found.error().key, found.error().message));
    return false;
  }
  warning_ = std::move(found->warning);
  engine_ = std::make_unique<tls::engine>(std::move(found->context),
                                          tls_->server_name.empty() ? server_.host : tls_->server_name);
  return true;
}

void stream::connected(base::result<connector::socket> link) {
  if (!link) return report(link.error().message);
  socket_ = std::move(*link);
  connected_ = true;
  error_code ignored;
  socket_.non_blocking(true, ignored);
  if (path_.empty()) tune_tcp();
  if (engine_) {
    engine_->start();
    send_records_now();
  } else {
    opened();
  }
  read();
}

void stream::tune_tcp() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
}

void stream::read() {
  if (!user_) return;
  socket_.async_read_some(asio::buffer(input_),
                          [self = shared_from_this()](const error_code& problem, std::size_t size) {
                            if (!self->user_) return;
                            if (problem) return self->broken(problem);
                            const std::string_view bytes(self->input_.data(), size);
                            if (self->engine_) {
                              if (!self->decrypt(bytes)) return;
                            } else {
                              self->user_->on_data(bytes);
                            }
                            self->read();
                          });
}

void stream::written(const error_code& problem) {
  if (!user_) return;
  // The read ends too, but after what the server said last, such as "max number of clients".
  if (problem) return;
  user_->on_written(std::move(output_));
}

void stream::opened() {
  opened_ = true;
  user_->on_open({});
}

void stream::broken(const error_code& problem) {
  if (engine_ && !engine_->problem().empty()) return report(engine_->problem());
  const bool closed = problem == asio::error::eof;
  const bool reset = problem == asio::error::connection_reset || problem == asio::error::broken_pipe;
  if (engine_ && (closed || reset)) return report(engine_->explain_close());
  report(closed ? "the server closed the connection" : problem.message());
}

void stream::report(const std::string& problem) {
  if (opened_)
    user_->on_lost(problem);
  else
    user_->on_open(problem);
}

// Takes no more while records wait for the socket: the rest then comes back with write(), and memory is
// bounded.
std::size_t stream::encrypt_now(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !sending_) {
    const auto piece = bytes.substr(taken, max_piece);
    if (!engine_->send(piece)) break;
    taken += piece.size();
    send_records_now();
  }
  return taken;
}

bool stream::decrypt(std::string_view bytes) {
  const bool was_secured = engine_->is_open();
  engine_->receive(bytes);
  send_records_now();
  pass_on(was_secured || !engine_->awaits_verdict());
  if (!user_) return false;
  send_records_now();
  if (engine_->problem().empty()) return true;
  report(engine_->problem());
  return false;
}

// What was decrypted, to the user, who may close the stream meanwhile.
void stream::pass_on(bool verdict_is_in) {
  while (user_) {
    const auto text = engine_->read();
    if (!opened_ && engine_->is_open()) {
      if (!verdict_is_in && text.empty()) return wait_for_verdict();
      opened();
    }
    if (!user_ || text.empty()) return;
    user_->on_data(text);
  }
}

void stream::wait_for_verdict() {
  verdict_timer_.expires_after(max_verdict_wait_);
  verdict_timer_.async_wait([self = shared_from_this()](const error_code& problem) {
    if (!problem && self->user_ && !self->opened_ && self->engine_->is_open()) self->opened();
  });
}

void stream::send_records_now() {
  if (sending_ || engine_->output().empty()) return;
  error_code would_wait;
  engine_->consume(socket_.write_some(asio::buffer(engine_->output()), would_wait));
  if (!engine_->output().empty()) send_records();
}

void stream::send_records() {
  if (sending_) return;
  if (engine_->output().empty() && !encrypt_more()) return;
  if (engine_->output().empty()) {
    if (std::exchange(writing_, false)) user_->on_written(std::exchange(output_, {}));
    return;
  }
  sending_ = true;
  records_ = engine_->take_output();
  asio::async_write(
      socket_, asio::buffer(records_),
      [self = shared_from_this()](const error_code& problem, std::size_t) { self->records_sent(problem); });
}

void stream::records_sent(const error_code& problem) {
  sending_ = false;
  if (!user_) return;
  if (!problem) return send_records();
  read_last_words();
  broken(problem);
}

bool stream::encrypt_more() {
  if (!writing_) return true;
  const auto piece = std::string_view(output_).substr(encrypted_, max_piece);
  if (piece.empty()) return true;
  encrypted_ += piece.size();
  if (engine_->send(piece)) return true;
  fail_soon(engine_->problem());
  return false;
}

// A server that refuses the client says why before it closes, which a failed write would hide.
void stream::read_last_words() {
  error_code nothing;
  const auto size = socket_.read_some(asio::buffer(input_), nothing);
  if (size == 0) return;
  engine_->receive({input_.data(), size});
  while (!engine_->read().empty()) continue;
}

std::string endpoint_name(const config::store_settings& settings) {
  if (!settings.socket_path.empty()) return "unix://" + settings.socket_path;
  if (settings.mode == config::store_mode::sentinel)
    return fmt::format("'{}' of the Sentinels", settings.sentinel.primary_name);
  std::string names;
  for (const auto& server : settings.addresses)
    names += (names.empty() ? "" : ", ") + config::to_text(server);
  return names;
}

}  // namespace scanhost::store
