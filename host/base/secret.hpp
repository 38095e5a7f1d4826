// SPDX-License-Identifier: Apache-2.0
//
// A text that must not be shown: it prints as ***, and reveal() is the only way to read it.
#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace scanhost::base {

class secret {
 public:
  secret() = default;
  explicit secret(std::string text) : text_(std::move(text)) {}

  bool empty() const noexcept { return text_.empty(); }
  const std::string& reveal() const noexcept { return text_; }

  friend bool operator==(const secret&, const secret&) = default;
  friend std::ostream& operator<<(std::ostream& out, const secret&) { return out << "***"; }

 private:
  std::string text_;
};

}  // namespace scanhost::base
