// SPDX-License-Identifier: Apache-2.0
//
// TCP and Unix sockets over Asio: one socket type, two ways to find the address.
#include "store/transport.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>
#include <vector>

#include "store/codec.hpp"

namespace scanhost::store {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using generic_endpoint = asio::generic::stream_protocol::endpoint;

std::string describe(const error_code& problem) {
  return problem == asio::error::eof ? "the server closed the connection" : problem.message();
}

// Handlers share its ownership, so that buffers outlive whatever the kernel still has in hand.
class socket_stream final : public stream, public std::enable_shared_from_this<socket_stream> {
 public:
  socket_stream(asio::io_context& context, const config::store_settings& settings, stream_user& user)
      : socket_(context),
        resolver_(context),
        user_(&user),
        host_(settings.host),
        port_(settings.port),
        path_(settings.socket_path) {}

  void open() override {
    if (!path_.empty()) return open_unix();
    error_code not_numeric;
    const auto address = asio::ip::make_address(host_, not_numeric);
    if (!not_numeric) {
      addresses_.emplace_back(asio::ip::tcp::endpoint(address, port_));
      return connect_next();
    }
    resolve();
  }

  std::size_t write_now(std::string_view bytes) override {
    error_code would_wait;
    return socket_.write_some(asio::buffer(bytes), would_wait);
  }

  void write(std::string bytes) override {
    output_ = std::move(bytes);
    asio::async_write(
        socket_, asio::buffer(output_),
        [self = shared_from_this()](const error_code& problem, std::size_t) { self->written(problem); });
  }

  void close() override {
    user_ = nullptr;
    error_code ignored;
    resolver_.cancel();
    socket_.close(ignored);
  }

 private:
  // sockaddr_un has room for 107 bytes and Asio throws beyond it.
  static constexpr std::size_t max_path_length = 107;

  void open_unix() {
    if (path_.size() > max_path_length) {
      return asio::post(socket_.get_executor(), [self = shared_from_this()] {
        if (self->user_) self->user_->on_open("the socket's path is longer than 107 bytes");
      });
    }
    addresses_.emplace_back(asio::local::stream_protocol::endpoint(path_));
    connect_next();
  }

  void resolve() {
    resolver_.async_resolve(host_, std::to_string(port_),
                            [self = shared_from_this()](const error_code& problem, const auto& found) {
                              if (!self->user_) return;
                              if (problem) return self->user_->on_open(describe(problem));
                              for (const auto& each : found) self->addresses_.emplace_back(each.endpoint());
                              self->connect_next();
                            });
  }

  void connect_next() {
    error_code ignored;
    socket_.close(ignored);
    socket_.async_connect(
        addresses_[next_address_++],
        [self = shared_from_this()](const error_code& problem) { self->connected(problem); });
  }

  void connected(const error_code& problem) {
    if (!user_) return;
    if (problem && next_address_ < addresses_.size()) return connect_next();
    if (problem) return user_->on_open(describe(problem));
    error_code ignored;
    socket_.non_blocking(true, ignored);
    if (path_.empty()) tune_tcp();
    user_->on_open({});
    read();
  }

  void tune_tcp() {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  }

  void read() {
    if (!user_) return;
    socket_.async_read_some(asio::buffer(input_),
                            [self = shared_from_this()](const error_code& problem, std::size_t size) {
                              if (!self->user_) return;
                              if (problem) return self->user_->on_lost(describe(problem));
                              self->user_->on_data({self->input_.data(), size});
                              self->read();
                            });
  }

  void written(const error_code& problem) {
    if (!user_) return;
    if (problem) return user_->on_lost(describe(problem));
    user_->on_written(std::move(output_));
  }

  asio::generic::stream_protocol::socket socket_;
  asio::ip::tcp::resolver resolver_;
  stream_user* user_;  // null: closed
  std::string host_;
  std::uint16_t port_;
  std::string path_;
  std::vector<generic_endpoint> addresses_;
  std::size_t next_address_ = 0;
  std::string output_;
  std::array<char, decoder::max_feed_size> input_;
};

}  // namespace

std::shared_ptr<stream> make_stream(asio::io_context& context, const config::store_settings& settings,
                                    stream_user& user) {
  return std::make_shared<socket_stream>(context, settings, user);
}

std::string endpoint_name(const config::store_settings& settings) {
  if (!settings.socket_path.empty()) return "unix://" + settings.socket_path;
  const bool v6 = settings.host.find(':') != std::string::npos;
  return (v6 ? "[" + settings.host + "]" : settings.host) + ":" + std::to_string(settings.port);
}

}  // namespace scanhost::store
