// SPDX-License-Identifier: Apache-2.0
//
// The first exchange on a new connection: login, database, a name for the operator's CLIENT LIST, what the
// server says about itself, and its time. Pure: gives bytes, takes replies.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "scanhost/store.h"
#include "store/connection/server_identity.hpp"
#include "store/protocol/states.hpp"

namespace scanhost::store {

// The command that logs in; empty: the settings have no login.
std::vector<std::string> login_command(const config::store_settings& settings);

class handshake {
 public:
  handshake(const config::store_settings& settings, std::string_view name);

  // All commands, to be written at once.
  const std::string& bytes() const noexcept { return bytes_; }

  std::pmr::memory_resource& memory() noexcept { return memory_; }

  struct login_failure {
    std::int32_t outcome = 0;  // of the commands that wait for this connection
    std::string message;
    store::state state = store::state::serving;  // that ends the attempt, where one is known
    std::string reply = {};                      // the server's own words
  };

  enum class step { continues, done, failed };

  // The next reply, built in memory(). Precondition: not done.
  step answered(const scanhost_reply& reply);

  // After step::failed.
  const login_failure& failure() const noexcept { return failure_; }

  // What the server said about itself; empty where it refused to. After step::done.
  const server_identity& server() const noexcept { return server_; }

  // The server's time, unless it refused to tell. After step::done.
  std::optional<base::timestamp> time() const noexcept { return time_; }

 private:
  enum class question { login, database, name, about, role, time };

  void ask(question asked, const std::vector<std::string_view>& args);
  static state state_after(question asked, std::string_view text);
  step fail(question asked, state which, std::string_view text);
  step refuse_replica(std::string_view primary);
  step refuse_mode();

  std::pmr::monotonic_buffer_resource memory_;
  std::string bytes_;
  std::vector<question> questions_;
  std::size_t next_ = 0;
  std::uint32_t database_;
  config::store_mode mode_;
  login_failure failure_;
  server_identity server_;
  std::optional<base::timestamp> time_;
};

}  // namespace scanhost::store
