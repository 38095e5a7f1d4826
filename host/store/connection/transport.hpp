// SPDX-License-Identifier: Apache-2.0
//
// A stream of bytes to a server, over TCP, with or without TLS, or a Unix socket. With TLS the bytes pass
// through tls/engine on their way.
#pragma once

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "store/connection/connector.hpp"
#include "store/protocol/codec.hpp"
#include "tls/engine.hpp"

namespace scanhost::store {

// The user of a stream. Never called from inside a function of the stream, nor after close().
class stream_user {
 public:
  // Connected, and secured where TLS is configured, if `problem` is empty.
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
  // To the first of the addresses. `user` has to live until close().
  stream(boost::asio::io_context& context, const config::store_settings& settings, stream_user& user);

  // Connects; once. After on_open without a problem it reads until close().
  void open();

  // Writes as much as fits without waiting, and returns how much. Only between two writes. An error is
  // reported with the next write or read. With TLS, what does not fit of the bytes that it took leaves later.
  std::size_t write_now(std::string_view bytes);

  // One at a time: the next after on_written.
  void write(std::string bytes);

  // Nothing is called afterwards. Idempotent.
  void close();

  // Before on_open: what it waits for, to be followed by "within the connect timeout".
  std::string missing() const { return connected_ ? "no answer" : connector_->missing(); }

  // Connected, but the TLS handshake is under way.
  bool is_in_handshake() const noexcept { return engine_ && connected_ && !opened_; }

  // After open(): the files of store.tls have changed and cannot be used, so older ones are; empty: no such
  // thing.
  const std::string& warning() const noexcept { return warning_; }

 private:
  using error_code = boost::system::error_code;

  void fail_soon(std::string problem);
  bool prepare_tls();
  void connected(base::result<connector::socket> link);
  void tune_tcp();
  void read();
  void written(const error_code& problem);
  void opened();
  void broken(const error_code& problem);
  void report(const std::string& problem);

  // With TLS.
  std::size_t encrypt_now(std::string_view bytes);
  bool decrypt(std::string_view bytes);  // false: no more is read
  void pass_on(bool verdict_is_in);
  void wait_for_verdict();
  void send_records_now();
  void send_records();
  void records_sent(const error_code& problem);
  bool encrypt_more();  // false: a problem, which is reported soon
  void read_last_words();

  boost::asio::generic::stream_protocol::socket socket_;
  std::shared_ptr<connector> connector_;  // never null
  boost::asio::steady_timer verdict_timer_;
  base::milliseconds max_verdict_wait_;
  stream_user* user_;  // null: closed
  config::server_address server_;
  std::string path_;  // not empty: the Unix socket instead of `server_`
  std::optional<tls::settings> tls_;
  std::unique_ptr<tls::engine> engine_;  // null: without TLS
  std::string warning_;
  bool connected_ = false;  // to the socket
  bool opened_ = false;     // on_open was called without a problem
  std::string output_;
  std::array<char, decoder::max_feed_size> input_;
  std::string records_;        // with TLS: on their way to the socket
  bool sending_ = false;       // records_
  bool writing_ = false;       // output_, with TLS
  std::size_t encrypted_ = 0;  // bytes of output_
};

// The store's name in messages and logs, without secrets: all its addresses.
std::string endpoint_name(const config::store_settings& settings);

}  // namespace scanhost::store
