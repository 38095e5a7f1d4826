// SPDX-License-Identifier: Apache-2.0
//
// What to ask a Sentinel, and what its answers say. Pure: gives bytes, takes replies.
#pragma once

#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "scanhost/store.h"

namespace scanhost::store {

// One exchange with a Sentinel.
class sentinel_dialogue {
 public:
  enum class occasion {
    first,         // on this connection: logs in, and asks for the other Sentinels too
    later,         // asks for the primary only
    new_password,  // as later, and logs in again; a refusal is no failure, since the login before stays
  };
  sentinel_dialogue(const config::sentinel_settings& settings, occasion when);

  // All questions, to be written at once.
  const std::string& bytes() const noexcept { return bytes_; }

  std::pmr::memory_resource& memory() noexcept { return memory_; }

  enum class step { continues, done, failed };

  // The next reply, built in memory(). Precondition: not done.
  step answered(const scanhost_reply& reply);

  // After step::failed: why this Sentinel cannot name the primary.
  const std::string& problem() const noexcept { return problem_; }

  // In the Sentinel's words, why it refuses the new password. Empty: it does not.
  const std::string& refusal() const noexcept { return refusal_; }

  // After step::done.
  const config::server_address& primary() const noexcept { return primary_; }
  const std::vector<config::server_address>& others() const noexcept { return others_; }  // Sentinels

 private:
  enum class question { login, primary, others };

  void ask(question asked, std::initializer_list<std::string_view> args);
  step fail(std::string problem);
  step take_login(const scanhost_reply& reply);
  step take_primary(const scanhost_reply& reply);

  occasion when_;
  std::pmr::monotonic_buffer_resource memory_;
  std::string bytes_;
  std::vector<question> questions_;
  std::size_t next_ = 0;
  std::string name_;  // of the primary
  std::string problem_;
  std::string refusal_;
  config::server_address primary_;
  std::vector<config::server_address> others_;
};

}  // namespace scanhost::store
