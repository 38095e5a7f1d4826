// SPDX-License-Identifier: Apache-2.0
#include "store/protocol/outcome.hpp"

#include "store/protocol/states.hpp"

namespace scanhost::store {
namespace {

using namespace std::string_view_literals;

constexpr std::array<std::string_view, outcome_kinds> names = {
    "reply", "error_reply", "transient", "permanent", "cancelled", "refused", "held_back"};

}  // namespace

std::int32_t outcome_of_error(std::string_view text) noexcept { return judge(text).outcome; }

bool is_function_missing(std::string_view text) noexcept {
  return judge(text).state == state::functions_missing;
}

bool is_from_replica(std::string_view text) noexcept {
  const auto code = text.substr(0, text.find(' '));
  return code == "READONLY" || code == "MASTERDOWN";
}

std::string_view outcome_name(std::size_t kind) noexcept {
  return kind < names.size() ? names[kind] : "unknown"sv;
}

}  // namespace scanhost::store
