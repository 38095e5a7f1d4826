// SPDX-License-Identifier: Apache-2.0
//
// A stream of bytes to a server over Asio, whatever it runs on: TCP or a Unix socket. Another kind of
// stream (TLS) is another class behind the same interface.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace scanhost::store {

// Who uses a stream. Never called from inside a function of the stream, nor after close().
class stream_user {
 public:
  // Connected, or not: `problem` is empty when it is.
  virtual void on_open(std::string_view problem) = 0;
  // Bytes, valid during the call; reading goes on after it.
  virtual void on_data(std::string_view bytes) = 0;
  // All was written; `buffer` comes back for the next write.
  virtual void on_written(std::string buffer) = 0;
  // The stream is of no use any more.
  virtual void on_lost(std::string_view problem) = 0;

 protected:
  ~stream_user() = default;
};

class stream {
 public:
  virtual ~stream() = default;

  // Connects; once. After on_open without a problem it reads until close().
  virtual void open() = 0;

  // Writes as much as leaves without waiting, and says how much that was. Between two writes. What goes
  // wrong is heard of with the next write or read.
  virtual std::size_t write_now(std::string_view bytes) = 0;

  // One at a time: the next after on_written.
  virtual void write(std::string bytes) = 0;

  // Nothing is called afterwards. Idempotent.
  virtual void close() = 0;
};

// A new stream to the server of `settings`. `user` has to live until close().
std::shared_ptr<stream> make_stream(boost::asio::io_context& context, const config::store_settings& settings,
                                    stream_user& user);

// How the server is called in messages and logs: no secrets.
std::string endpoint_name(const config::store_settings& settings);

}  // namespace scanhost::store
