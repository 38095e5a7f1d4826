// SPDX-License-Identifier: Apache-2.0
#include "plan/server_functions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace scanhost::plan {

std::vector<std::string> function_inventory::missing_of(const std::vector<std::string>& names) const {
  std::vector<std::string> missing;
  std::ranges::copy_if(names, std::back_inserter(missing),
                       [this](const std::string& name) { return !functions.contains(name); });
  return missing;
}

function_inventory inventory_of(const std::vector<listed_library>& libraries) {
  function_inventory found;
  for (const auto& library : libraries) {
    found.libraries.insert(library.name);
    found.functions.insert(library.functions.begin(), library.functions.end());
  }
  return found;
}

function_inventory common_part(const function_inventory& left, const function_inventory& right) {
  function_inventory both;
  std::ranges::set_intersection(left.libraries, right.libraries,
                                std::inserter(both.libraries, both.libraries.end()));
  std::ranges::set_intersection(left.functions, right.functions,
                                std::inserter(both.functions, both.functions.end()));
  return both;
}

std::string describe_functions(const std::vector<std::string>& names, std::string_view library) {
  return fmt::format("the function{} {} of the library '{}'", names.size() == 1 ? "" : "s",
                     fmt::join(names, ", "), library);
}

server_functions::server_functions(config::store_settings store, std::string config_file)
    : store_(std::move(store)), config_file_(std::move(config_file)) {}

std::string server_functions::install_command() const {
  return "scanhost functions install --config " + config_file_;
}

std::shared_ptr<const function_inventory> server_functions::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

std::uint64_t server_functions::begin_look() {
  const std::lock_guard lock(mutex_);
  requested_ = false;
  return ++begun_;
}

bool server_functions::end_look(std::uint64_t number, function_inventory found) {
  const std::lock_guard lock(mutex_);
  if (number <= ended_) return false;
  ended_ = number;
  if (latest_ && *latest_ == found) return false;
  latest_ = std::make_shared<const function_inventory>(std::move(found));
  return true;
}

void server_functions::request_look() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(requested_, true) || !handler_) return;
  handler_();
}

void server_functions::on_request(std::function<void()> handler) {
  const std::lock_guard lock(mutex_);
  requested_ = false;
  handler_ = std::move(handler);
}

}  // namespace scanhost::plan
