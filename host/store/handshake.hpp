// SPDX-License-Identifier: Apache-2.0
//
// What is said first on a new connection: who we are, which database, a name for the operator's
// CLIENT LIST, and what time it is there. Pure: gives bytes, takes replies.
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

namespace scanhost::store {

class handshake {
 public:
  handshake(const config::store_settings& settings, std::string_view name);

  // All of it, to be written at once.
  const std::string& bytes() const noexcept { return bytes_; }

  std::pmr::memory_resource& memory() noexcept { return memory_; }

  struct refusal {
    std::int32_t outcome;  // what commands that wait for this connection come to
    std::string message;
  };

  enum class step { goes_on, done, refused };

  // The next reply, built in memory(). Precondition: not done.
  step answered(const scanhost_reply& reply);

  // After step::refused.
  const struct refusal& refusal() const noexcept { return refusal_; }

  // The server's clock, if it told. After step::done.
  std::optional<base::timestamp> time() const noexcept { return time_; }

 private:
  enum class question { login, database, name, time };

  void ask(question what, std::initializer_list<std::string_view> args);
  step refuse(question what, std::string_view reply);

  std::pmr::monotonic_buffer_resource memory_;
  std::string bytes_;
  std::vector<question> questions_;
  std::size_t next_ = 0;
  std::uint32_t database_;
  struct refusal refusal_ {};
  std::optional<base::timestamp> time_;
};

}  // namespace scanhost::store
