// SPDX-License-Identifier: Apache-2.0
//
// The scanners of a host, in order, by name. Thread safe: the control thread reads them while a reload
// adds and removes.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runner/scanner.hpp"

namespace scanhost::runner {

// "sweeprr: no such scanner; did you mean 'sweeper'?"
std::string explain_unknown_scanner(std::string_view name, const std::vector<std::string>& known);

class roster {
 public:
  using scanner_ptr = std::shared_ptr<scanner>;

  void add(scanner_ptr scanner);
  // Stops it, waiting as scanner::join does. `stuck`: it is kept, but not listed, since its thread still
  // runs.
  stop_outcome remove(const scanner_ptr& scanner, base::steady_time deadline, base::milliseconds grace);

  std::vector<scanner_ptr> scanners() const;
  scanner_ptr find(std::string_view name) const;  // null: there is none
  std::vector<scanner_status> statuses() const;
  // The failing items of this scanner, or of all of them in their order if the name is empty.
  base::result<failure_list> failures(std::string_view name, std::size_t max_items) const;
  // As explain_unknown_scanner, with the names of these.
  std::string explain_unknown(std::string_view name) const;
  // What the scanners share about the functions of their stores; each once.
  std::vector<std::shared_ptr<plan::server_functions>> functions() const;

  // Those that were removed while stuck: their threads still run.
  std::vector<scanner_ptr> removed_stuck() const;

 private:
  mutable std::mutex mutex_;
  std::vector<scanner_ptr> scanners_;
  std::vector<scanner_ptr> stuck_;
};

}  // namespace scanhost::runner
