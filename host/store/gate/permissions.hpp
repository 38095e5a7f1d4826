// SPDX-License-Identifier: Apache-2.0
//
// What the commands of one scanner may do, as `permissions` in the configuration says. Pure.
//
// The keys of a command are those that it names, as the server's table says; of a script or function those
// that it declares. A script that makes up further names is stopped by the server's own ACL only.
#pragma once

#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "scanhost/store.h"
#include "store/cluster/key_positions.hpp"
#include "store/gate/command_effects.hpp"

namespace scanhost::store {

// How the message of an outcome REFUSED begins when permissions are the reason.
inline constexpr std::string_view permissions_text = "permissions: ";

class permissions {
 public:
  permissions(config::permission_settings rules, std::string scanner)
      : rules_(std::move(rules)), scanner_(std::move(scanner)) {}

  bool empty() const noexcept { return rules_.empty(); }
  bool read_only() const noexcept { return rules_.read_only; }

  // Why the command is refused, with the rule and the scanner; empty: it may be sent. A script that may read
  // passes read_only, and has to be sent in its read-only form.
  std::string find_violation(const scanhost_command& command, effect what, const key_positions& keys) const;

  // For a command that the server itself kept from changing something.
  std::string refuse_change(const scanhost_command& command) const;

 private:
  bool allows_command(const scanhost_command& command) const;
  std::string find_foreign_key(const scanhost_command& command, effect what, const key_positions& keys) const;
  std::string refusal(std::string_view rule, std::string_view why) const;

  config::permission_settings rules_;
  std::string scanner_;
};

}  // namespace scanhost::store
