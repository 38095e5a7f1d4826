// SPDX-License-Identifier: Apache-2.0
//
// What is told about one request: collected line by line, for people and for scripts.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "reload/reloader.hpp"

namespace scanhost::reload {

class report {
 public:
  // `what`: reloaded, retuned, rolled_back, started, stopped, refused or failed.
  void add(std::string scanner, std::string what, std::string detail);
  void note(std::string text) { notes_.push_back(std::move(text)); }
  // The first failure gives the exit code.
  void failed(base::errc code);

  bool empty() const noexcept { return lines_.empty(); }
  // `otherwise`: what is said when nothing was done.
  outcome finish(const std::string& otherwise) const;

 private:
  struct line {
    std::string scanner;
    std::string what;
    std::string detail;
  };
  std::vector<line> lines_;
  std::vector<std::string> notes_;
  base::exit_code code_ = base::exit_code::ok;
};

// A request that failed as a whole.
outcome failure(const base::error& problem);

}  // namespace scanhost::reload
