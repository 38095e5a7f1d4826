// SPDX-License-Identifier: Apache-2.0
//
// A blocking session with the store for the host's own start-up queries and for commands: partition counts,
// FUNCTION LIST and LOAD, SCRIPT checks. Never used by a scanner. It has the same connections as a scanner,
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
#include "store/protocol/reply_batch.hpp"

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
  // In a cluster it goes to the node of its first key.
  base::result<std::unique_ptr<reply_batch>> call(const std::vector<std::string>& args);

  // The primaries of a cluster that serve slots; one for every other store.
  std::size_t node_count() const noexcept;
  // For messages: "10.0.0.7:6379".
  std::string node_name(std::size_t index) const;
  // As `call`, to this node. Precondition: index < node_count().
  base::result<std::unique_ptr<reply_batch>> call_at(std::size_t index, const std::vector<std::string>& args);

 private:
  // Its connection points back to it, so it stays where it is when the session moves.
  class impl;
  explicit session(std::unique_ptr<impl> impl) noexcept;
  std::unique_ptr<impl> impl_;
};

// The reply of a batch of one. Precondition: it came from session::call.
const scanhost_reply& reply_of(const reply_batch& batch) noexcept;

}  // namespace scanhost::store
