// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/function_needs.hpp"

namespace scanhost::runner {

void function_needs::update(const plan::function_inventory* found) {
  const auto missing = found != nullptr ? found->missing_of(plugin_.functions) : std::vector<std::string>();
  if (found == nullptr || missing.empty()) {
    has_swept_ = true;
    wait_.reset();
    return;
  }
  const bool resting = rests(*found);
  if (resting) has_swept_ = false;
  wait_ = {resting ? scanner_state::resting : scanner_state::functions_missing,
           plan::describe_functions(missing, plugin_.function_library)};
}

bool function_needs::rests(const plan::function_inventory& found) const {
  if (condition_ != config::run_condition::functions_exist) return false;
  return !has_swept_ || found.libraries.contains(plugin_.function_library);
}

}  // namespace scanhost::runner
