// SPDX-License-Identifier: Apache-2.0
//
// What is known of the functions on one store while the host runs. One for all scanners of a store: their
// plans share it, whoever looks at the server puts in what was found, and a scanner that misses a function
// asks for a look.
//
// Thread safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "plan/function_list.hpp"

namespace scanhost::plan {

// What one look found.
struct function_inventory {
  std::set<std::string, std::less<>> libraries;
  std::set<std::string, std::less<>> functions;  // of all libraries

  bool operator==(const function_inventory&) const = default;

  std::vector<std::string> missing_of(const std::vector<std::string>& names) const;
};

function_inventory inventory_of(const std::vector<listed_library>& libraries);
// What both have.
function_inventory common_part(const function_inventory& left, const function_inventory& right);

// For messages: "the functions a, b of the library 'x'".
std::string describe_functions(const std::vector<std::string>& names, std::string_view library);

class server_functions {
 public:
  // `config_file`: for the command that installs functions.
  server_functions(config::store_settings store, std::string config_file);

  const config::store_settings& store() const noexcept { return store_; }
  // The command that puts the missing functions on the server.
  std::string install_command() const;

  // Null: nobody has looked yet.
  std::shared_ptr<const function_inventory> latest() const;

  // The number of a look that begins now.
  std::uint64_t begin_look();
  // False: this is known already, or a later look has ended before.
  bool end_look(std::uint64_t number, function_inventory found);

  // A scanner missed a function: somebody has to look at once. Several requests may be one for the handler,
  // until the next look begins.
  void request_look();
  // Called on the thread of a request. Empty: nobody.
  void on_request(std::function<void()> handler);

 private:
  const config::store_settings store_;
  const std::string config_file_;

  mutable std::mutex mutex_;
  std::shared_ptr<const function_inventory> latest_;
  std::uint64_t begun_ = 0;
  std::uint64_t ended_ = 0;
  bool requested_ = false;
  std::function<void()> handler_;
};

}  // namespace scanhost::plan
