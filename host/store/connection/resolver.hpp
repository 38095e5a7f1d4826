// SPDX-License-Identifier: Apache-2.0
//
// Finds the IP addresses of a host's name with c-ares: /etc/hosts and the name servers of /etc/resolv.conf
// with its search list, in the order of /etc/nsswitch.conf, read anew for each lookup. `localhost` and the
// names below it are the loopback addresses without a look. It has no thread, never blocks on the network,
// and can be given up at any moment.
//
// Threads: everything on the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace scanhost::store {

struct resolver_settings {
  // How long each name server has for its answer before the next is asked; in a second round twice as long.
  base::milliseconds server_timeout{500};
  std::string servers;  // "127.0.0.1:5353,[::1]:53"; empty: those of the system
};

class resolver {
 public:
  // Never empty. In the order of RFC 6724: the first is the one to prefer.
  using addresses = std::vector<boost::asio::ip::address>;
  using on_resolved = std::function<void(base::result<addresses>)>;

  resolver(boost::asio::io_context& context, resolver_settings settings)
      : context_(context), settings_(std::move(settings)) {}
  ~resolver() { cancel(); }
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  // One lookup at a time. `done` is never called from in here, nor after cancel(). Errors (unavailable) name
  // the host and what to check.
  void resolve(const std::string& host, on_resolved done);

  void cancel();

 private:
  class lookup;

  boost::asio::io_context& context_;
  resolver_settings settings_;
  std::shared_ptr<lookup> lookup_;  // null: none is under way
};

}  // namespace scanhost::store
