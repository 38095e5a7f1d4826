// SPDX-License-Identifier: Apache-2.0
//
// What the constructor of a scanner throws when it cannot work with the value of an option: `check-config`
// and `run` then show the message at the line of the option, and the host does not try again until the
// options or the build change.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "detail/language.hpp"

namespace scanhost::inline v1_0 {

class bad_option : public std::runtime_error {
 public:
  // `option`: a name of the description. `message`: what is wrong with its value and what to write instead;
  // never the value of a secret.
  bad_option(std::string option, const std::string& message)
      : std::runtime_error(message), option_(std::move(option)) {}

  const std::string& option() const noexcept { return option_; }

 private:
  std::string option_;
};

}  // namespace scanhost::inline v1_0
