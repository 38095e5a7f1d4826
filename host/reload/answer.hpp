// SPDX-License-Identifier: Apache-2.0
//
// The answer to one request, for people and for scripts.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/exit_code.hpp"

namespace scanhost::reload {

struct answer {
  base::exit_code code = base::exit_code::ok;
  std::string message;  // for people, one statement per line
  std::string data;     // JSON; empty: there is no more than the message
};

// The answer to a request that failed as a whole.
answer failure(const base::error& problem);

// Collects an answer line by line.
class answer_builder {
 public:
  // `outcome`: reloaded, retuned, adjusted, rolled_back, started, stopped, refused or failed.
  void add(std::string scanner, std::string outcome, std::string detail);
  void note(std::string text) { notes_.push_back(std::move(text)); }
  // The first failure gives the exit code.
  void fail(base::errc code);

  bool empty() const noexcept { return lines_.empty(); }
  // `otherwise`: the message if nothing was done.
  answer finish(const std::string& otherwise) const;

 private:
  struct line {
    std::string scanner;
    std::string outcome;
    std::string detail;
  };
  std::vector<line> lines_;
  std::vector<std::string> notes_;
  base::exit_code code_ = base::exit_code::ok;
};

}  // namespace scanhost::reload
