// SPDX-License-Identifier: Apache-2.0
//
// What a connection reports to its user: the client of a scanner or a session.
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/outcome.hpp"
#include "store/server_identity.hpp"

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
  virtual void on_outage(std::string_view problem) = 0;
  // Something is wrong that does not keep it from connecting. Once, until it changes.
  virtual void on_warning(std::string_view warning) = 0;
  // The outage is over.
  virtual void on_recovery() = 0;
  // How the commands ended that completed since the last call.
  virtual void on_outcomes(const outcome_counts& counts) = 0;

 protected:
  ~connection_user() = default;
};

}  // namespace scanhost::store
