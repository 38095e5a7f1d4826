// SPDX-License-Identifier: Apache-2.0
//
// What a connection, or all connections with the servers of a store, report to their user. `endpoint`: the
// server, for log lines.
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/connection/server_identity.hpp"
#include "store/protocol/outcome.hpp"

namespace scanhost::store {

class connection_user {
 public:
  // Ready; `again`: not for the first time. `server_time`: null when the server did not tell its time.
  virtual void on_up(bool again, const server_identity& server, const base::timestamp* server_time) = 0;
  // No longer ready.
  virtual void on_down() = 0;
  // An attempt failed; the connection keeps trying.
  virtual void on_failed_attempt(const base::error& problem) = 0;
  // An outage begins, reported once, however many attempts fail.
  virtual void on_outage(std::string_view endpoint, std::string_view problem) = 0;
  // Something is wrong that does not keep it from connecting. Once, until it changes.
  virtual void on_warning(std::string_view endpoint, std::string_view warning) = 0;
  // The outage is over.
  virtual void on_recovery(std::string_view endpoint) = 0;
  // An outage is over because the server is no primary of the cluster any more.
  virtual void on_departure(std::string_view /*endpoint*/) {}
  // How the commands ended that completed since the last call.
  virtual void on_outcomes(const outcome_counts& counts) = 0;

 protected:
  ~connection_user() = default;
};

}  // namespace scanhost::store
