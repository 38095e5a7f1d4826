// SPDX-License-Identifier: Apache-2.0
//
// Whether a scanner has to wait for functions, and in which state. Pure.
//
// A scanner with `enabled: true` that lacks one is in the state functions_missing. With `enabled: auto` it
// rests instead: as long as it has not swept, and when the library is there without the functions, as that of
// another release of an engine may be. If it has swept and the library is gone altogether, something is wrong
// (FUNCTION FLUSH, a failover to a server without functions): then it is in functions_missing, too.
#pragma once

#include <optional>

#include "config/description.hpp"
#include "config/settings.hpp"
#include "plan/server_functions.hpp"
#include "runner/record/status.hpp"

namespace scanhost::runner {

class function_needs {
 public:
  // `plugin` has to outlive it. `has_swept`: the scanner had its functions before.
  function_needs(const config::description& plugin, config::run_condition condition, bool has_swept) noexcept
      : plugin_(plugin), condition_(condition), has_swept_(has_swept) {}

  // Compares with what the server has; null: that is not known, so nothing is missing.
  void update(const plan::function_inventory* found);
  // None: it has all that it needs.
  const std::optional<function_wait>& wait() const noexcept { return wait_; }

 private:
  bool rests(const plan::function_inventory& found) const;

  const config::description& plugin_;
  const config::run_condition condition_;
  bool has_swept_;
  std::optional<function_wait> wait_;
};

}  // namespace scanhost::runner
