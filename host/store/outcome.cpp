// SPDX-License-Identifier: Apache-2.0
#include "store/outcome.hpp"

#include <algorithm>

namespace scanhost::store {
namespace {

using namespace std::string_view_literals;

constexpr std::array transient_codes = {"LOADING"sv, "READONLY"sv, "TRYAGAIN"sv, "CLUSTERDOWN"sv,
                                        "MASTERDOWN"sv};
constexpr std::array permanent_codes = {"NOAUTH"sv, "WRONGPASS"sv, "NOPERM"sv};
constexpr std::array<std::string_view, outcome_kinds> names = {
    "reply", "error_reply", "transient", "permanent", "cancelled", "refused", "held_back"};

}  // namespace

std::int32_t outcome_of_error(std::string_view text) noexcept {
  const auto code = text.substr(0, text.find(' '));
  const auto among = [&](const auto& codes) { return std::ranges::find(codes, code) != codes.end(); };
  if (among(transient_codes) || is_function_missing(text)) return SCANHOST_OUTCOME_TRANSIENT;
  if (among(permanent_codes)) return SCANHOST_OUTCOME_PERMANENT;
  return SCANHOST_OUTCOME_ERROR_REPLY;
}

bool is_function_missing(std::string_view text) noexcept {
  return text.starts_with("ERR Function not found");
}

bool is_from_replica(std::string_view text) noexcept {
  const auto code = text.substr(0, text.find(' '));
  return code == "READONLY" || code == "MASTERDOWN";
}

std::string_view outcome_name(std::size_t kind) noexcept {
  return kind < names.size() ? names[kind] : "unknown"sv;
}

}  // namespace scanhost::store
