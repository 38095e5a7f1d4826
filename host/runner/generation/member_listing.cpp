// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/member_listing.hpp"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "base/log.hpp"
#include "scanhost/detail/member_rules.hpp"

namespace scanhost::runner {

namespace {

// Those that may be members; what is wrong with the others goes to `problem`.
std::vector<std::string> valid_members(std::vector<std::string> members, std::string& problem) {
  std::size_t refused = 0;
  std::erase_if(members, [&](const std::string& member) {
    const auto reason = detail::reason_to_refuse_member(member);
    if (reason.empty()) return false;
    if (++refused == 1) problem = fmt::format("the member '{}' {}", member, reason);
    return true;
  });
  if (refused > 1) problem += fmt::format(", and {} more cannot be members either", refused - 1);
  return members;
}

std::vector<std::string> list_of(const config::option_values& options, const std::string& name) {
  const auto found = options.find(name);
  if (found == options.end()) return {};
  const auto* list = std::get_if<std::vector<std::string>>(&found->second);
  return list == nullptr ? std::vector<std::string>() : *list;
}

}  // namespace

void member_listing::begin() {
  result_ = {};
  offers_.take();
  if (family_.members == config::member_source::option)
    result_.members = list_of(settings_.options, family_.members_from);
  if (family_.members != config::member_source::key) return;
  under_way_ = true;
  reader_.read(family_.members_from,
               [this](base::result<std::vector<std::string>> members) { take_read(std::move(members)); });
}

void member_listing::drop() {
  under_way_ = false;
  reader_.drop();
}

member_listing::result member_listing::take() { return std::exchange(result_, {}); }

void member_listing::take_read(base::result<std::vector<std::string>> members) {
  std::string problem;
  if (members) {
    result_.members = valid_members(std::move(*members), problem);
  } else {
    result_.refusal = members.error().message;
    problem = members.error().message + "; the partitions stay those of the last cycle";
  }
  result_.failed = !problem.empty();
  report(problem);
  under_way_ = false;
  wake_.raise();
}

// Says when a problem begins, and when it is over.
void member_listing::report(const std::string& problem) {
  const bool had_problem = !std::exchange(problem_, problem).empty();
  if (problem.empty() == !had_problem) return;
  if (problem.empty())
    base::log(base::events::members_readable, settings_.name,
              fmt::format("the members of the family '{}' are read from '{}' again", family_.name,
                          family_.members_from));
  else
    base::log(base::events::members_unreadable, settings_.name,
              fmt::format("not all members of the family '{}' can be taken from the key '{}': {}",
                          family_.name, family_.members_from, problem),
              {{"error", problem}});
}

}  // namespace scanhost::runner
