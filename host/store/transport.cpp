// SPDX-License-Identifier: Apache-2.0
#include "store/transport.hpp"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "base/socket_path.hpp"

namespace scanhost::store {
namespace {

namespace asio = boost::asio;

std::string describe(const boost::system::error_code& problem) {
  return problem == asio::error::eof ? "the server closed the connection" : problem.message();
}

}  // namespace

stream::stream(asio::io_context& context, const config::store_settings& settings, stream_user& user)
    : socket_(context),
      resolver_(context),
      user_(&user),
      host_(settings.host),
      port_(settings.port),
      path_(settings.socket_path) {}

void stream::open() {
  if (!path_.empty()) return open_unix();
  error_code not_numeric;
  const auto address = asio::ip::make_address(host_, not_numeric);
  if (!not_numeric) {
    addresses_.emplace_back(asio::ip::tcp::endpoint(address, port_));
    return connect_next();
  }
  resolve();
}

std::size_t stream::write_now(std::string_view bytes) {
  error_code would_wait;
  return socket_.write_some(asio::buffer(bytes), would_wait);
}

void stream::write(std::string bytes) {
  output_ = std::move(bytes);
  asio::async_write(
      socket_, asio::buffer(output_),
      [self = shared_from_this()](const error_code& problem, std::size_t) { self->written(problem); });
}

void stream::close() {
  user_ = nullptr;
  error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
}

void stream::open_unix() {
  if (path_.size() > base::max_socket_path) {
    return asio::post(socket_.get_executor(), [self = shared_from_this()] {
      if (self->user_)
        self->user_->on_open(
            fmt::format("the path of the socket is longer than {} bytes", base::max_socket_path));
    });
  }
  addresses_.emplace_back(asio::local::stream_protocol::endpoint(path_));
  connect_next();
}

void stream::resolve() {
  resolver_.async_resolve(host_, std::to_string(port_),
                          [self = shared_from_this()](const error_code& problem, const auto& found) {
                            if (!self->user_) return;
                            if (problem) return self->user_->on_open(describe(problem));
                            for (const auto& each : found) self->addresses_.emplace_back(each.endpoint());
                            self->connect_next();
                          });
}

void stream::connect_next() {
  error_code ignored;
  socket_.close(ignored);
  socket_.async_connect(addresses_[next_address_++],
                        [self = shared_from_this()](const error_code& problem) { self->connected(problem); });
}

void stream::connected(const error_code& problem) {
  if (!user_) return;
  if (problem && next_address_ < addresses_.size()) return connect_next();
  if (problem) return user_->on_open(describe(problem));
  error_code ignored;
  socket_.non_blocking(true, ignored);
  if (path_.empty()) tune_tcp();
  user_->on_open({});
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
                            if (problem) return self->user_->on_lost(describe(problem));
                            self->user_->on_data({self->input_.data(), size});
                            self->read();
                          });
}

void stream::written(const error_code& problem) {
  if (!user_) return;
  if (problem) return user_->on_lost(describe(problem));
  user_->on_written(std::move(output_));
}

std::string endpoint_name(const config::store_settings& settings) {
  if (!settings.socket_path.empty()) return "unix://" + settings.socket_path;
  const bool v6 = settings.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", settings.host, settings.port)
            : fmt::format("{}:{}", settings.host, settings.port);
}

}  // namespace scanhost::store
