// SPDX-License-Identifier: Apache-2.0
//
// A stream of bytes to a server, over TCP or a Unix socket: one socket type, two ways to find the address.
#pragma once

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "store/codec.hpp"

namespace scanhost::store {

// The user of a stream. Never called from inside a function of the stream, nor after close().
class stream_user {
 public:
  // Connected if `problem` is empty.
  virtual void on_open(std::string_view problem) = 0;
  // Bytes, valid during the call; reading continues after it.
  virtual void on_data(std::string_view bytes) = 0;
  // Everything was written; `buffer` comes back for the next write.
  virtual void on_written(std::string buffer) = 0;
  // The stream is broken.
  virtual void on_lost(std::string_view problem) = 0;

 protected:
  ~stream_user() = default;
};

// Owned by a shared_ptr: handlers share the ownership, so that the buffers outlive whatever the kernel still
// uses.
class stream final : public std::enable_shared_from_this<stream> {
 public:
  // `user` has to live until close().
  stream(boost::asio::io_context& context, const config::store_settings& settings, stream_user& user);

  // Connects; once. After on_open without a problem it reads until close().
  void open();

  // Writes as much as fits without waiting, and returns how much. Only between two writes. An error is
  // reported with the next write or read.
  std::size_t write_now(std::string_view bytes);

  // One at a time: the next after on_written.
  void write(std::string bytes);

  // Nothing is called afterwards. Idempotent.
  void close();

 private:
  using error_code = boost::system::error_code;

  void open_unix();
  void resolve();
  void connect_next();
  void connected(const error_code& problem);
  void tune_tcp();
  void read();
  void written(const error_code& problem);

  boost::asio::generic::stream_protocol::socket socket_;
  boost::asio::ip::tcp::resolver resolver_;
  stream_user* user_;  // null: closed
  std::string host_;
  std::uint16_t port_;
  std::string path_;
  std::vector<boost::asio::generic::stream_protocol::endpoint> addresses_;
  std::size_t next_address_ = 0;
  std::string output_;
  std::array<char, decoder::max_feed_size> input_;
};

// The server's name in messages and logs, without secrets.
std::string endpoint_name(const config::store_settings& settings);

}  // namespace scanhost::store
