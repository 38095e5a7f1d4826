// SPDX-License-Identifier: Apache-2.0
//
// Connects a socket to a server. The server's name is resolved anew, and all its addresses are tried: the
// next one begins when one has failed or a moment has passed, and the first that connects wins (RFC 8305).
//
// Threads: everything on the thread that runs the io_context.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "store/connection/resolver.hpp"

namespace scanhost::store {

// Owned by a shared_ptr, which its handlers share.
class connector final : public std::enable_shared_from_this<connector> {
 public:
  using socket = boost::asio::generic::stream_protocol::socket;
  using on_connected = std::function<void(base::result<socket>)>;

  // `patience`: how long the caller waits; each address gets a share of it before the next begins.
  connector(boost::asio::io_context& context, base::milliseconds patience, resolver_settings names = {});

  // Once, one of the two. `done` is never called from in here, nor after cancel(). An error says of each
  // address why.
  void connect(const config::server_address& server, on_connected done);
  void connect(const std::string& socket_path, on_connected done);

  // Nothing is called afterwards. Idempotent.
  void cancel();

  // What it waits for, to be followed by "within the connect timeout": "no answer of 10.0.0.7 and 10.0.0.8".
  std::string missing() const;

 private:
  using endpoint = boost::asio::generic::stream_protocol::endpoint;

  struct target {
    std::string name;  // empty: no need to tell it from others
    endpoint address;
    std::unique_ptr<socket> link;  // null: not begun
    std::string problem;           // why it failed; empty: it has not
  };

  void resolved(base::result<resolver::addresses> found);
  void begin_next();
  void stagger();
  void connected(std::size_t which, const boost::system::error_code& problem);
  void fail(std::string problem);
  std::string problems() const;

  boost::asio::io_context& context_;
  boost::asio::steady_timer timer_;
  base::milliseconds patience_;
  resolver resolver_;
  on_connected done_;
  config::server_address server_;
  bool resolving_ = false;
  std::vector<target> targets_;
  std::size_t begun_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace scanhost::store
