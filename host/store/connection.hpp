// SPDX-License-Identifier: Apache-2.0
//
// One connection to one server, for good: it connects, logs in, moves what the pipeline decides,
// notices a loss or a silent server, and comes back.
//
// Threads: everything on the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "store/client.hpp"
#include "store/outcome.hpp"

namespace scanhost::store {

// Who wants to know. Nothing is called after detach().
class connection_user {
 public:
  // Ready; `again`: it was before. `server_time`: null when the server would not tell.
  virtual void on_up(bool again, const base::timestamp* server_time) = 0;
  // Not ready any more.
  virtual void on_down() = 0;
  // An attempt failed; it goes on trying.
  virtual void on_failed_attempt(const base::error& problem) = 0;
  // An outage begins, told once; and it is over.
  virtual void on_outage(std::string_view problem) = 0;
  virtual void on_recovery() = 0;
  // What became of commands since the last call.
  virtual void on_outcomes(const outcome_counts& counts) = 0;

 protected:
  ~connection_user() = default;
};

class connection {
 public:
  // `name`: for the server's client list and for log lines.
  connection(boost::asio::io_context& context, const config::store_settings& settings, std::string name,
             connection_user& user);
  ~connection();  // stops; what is under way is dropped without being completed
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  void start();

  // As in client.
  ticket execute(const scanhost_command* commands, std::size_t count, std::size_t stride, on_complete done);
  void cancel(ticket which);
  bool has_room(std::size_t count) const noexcept;
  client_status status() const;
  void stop();

 private:
  class impl;
  std::shared_ptr<impl> impl_;  // its timers and posted work share it
};

}  // namespace scanhost::store
