// SPDX-License-Identifier: Apache-2.0
//
// Looks at the functions on the server while the host runs, once for all scanners: a FUNCTION LIST each
// second, and at once when a scanner misses a function or the connection was lost and is back. It has a
// connection of its own to each store.
//
// Threads: everything on the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "plan/server_functions.hpp"

namespace scanhost::runner {

class function_watch {
 public:
  using functions_ptr = std::shared_ptr<plan::server_functions>;

  // `on_change`: what is known has changed, through this watch or by other means.
  function_watch(boost::asio::io_context& context, std::function<void()> on_change);
  ~function_watch();

  // Looks for these from now on, and for no others.
  void follow(const std::vector<functions_ptr>& followed);

 private:
  class looker;

  boost::asio::io_context& context_;
  std::function<void()> on_change_;
  std::vector<std::shared_ptr<looker>> lookers_;
};

}  // namespace scanhost::runner
