// SPDX-License-Identifier: Apache-2.0
//
// A blocking session with the store for the host's own start-up queries and for commands: partition counts,
// FUNCTION LIST and LOAD, SCRIPT checks. Never used by a scanner. It is the same connection as a scanner's,
// with an event loop of its own that runs while somebody waits.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "store/reply_batch.hpp"

namespace scanhost::store {

class session {
 public:
  // Connects, logs in, selects the database. Errors: unavailable, timed_out, no_permission; missing: the
  // server is too old. A requested stop ends this and every call at once, from any thread; the error is
  // `unavailable`.
  static base::result<session> open(const config::store_settings& settings, std::stop_token stop = {});

  session(session&&) noexcept;
  session& operator=(session&&) noexcept;
  ~session();

  // Sends one command and waits for its outcome, at most the command timeout. An error reply of the server is
  // an error here, with its text in the message.
  base::result<std::unique_ptr<reply_batch>> call(const std::vector<std::string>& args);

 private:
  // Its connection points back to it, so it stays where it is when the session moves.
  class impl;
  explicit session(std::unique_ptr<impl> impl) noexcept;
  std::unique_ptr<impl> impl_;
};

// The reply of a batch of one. Precondition: it came from session::call.
const scanhost_reply& reply_of(const reply_batch& batch) noexcept;

}  // namespace scanhost::store
