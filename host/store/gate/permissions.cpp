// SPDX-License-Identifier: Apache-2.0
#include "store/gate/permissions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scanhost/detail/refused_commands.hpp"
#include "scanhost/text.hpp"
#include "store/protocol/script.hpp"

namespace scanhost::store {
namespace {

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, detail::refused::upper, detail::refused::upper);
}

// `allowed`: "ZRANGE", or with the next word, "XINFO STREAM" or "FCALL my_function". The names of
// functions are the only ones that differ by their case.
bool matches(std::string_view allowed, const command_title& title, std::string_view next) {
  const auto blank = allowed.find(' ');
  const auto name = allowed.substr(0, blank);
  const bool by_handle = !title.script.empty() && equals_ignoring_case(name, "EVAL");
  if (!by_handle && !equals_ignoring_case(name, title.command)) return false;
  if (blank == std::string_view::npos) return true;
  const auto second = allowed.substr(std::min(allowed.find_first_not_of(' ', blank), allowed.size()));
  return title.function.empty() ? equals_ignoring_case(second, next) : second == title.function;
}

}  // namespace

std::string permissions::refusal(std::string_view rule, std::string_view why) const {
  return fmt::format("{}scanners.{}.permissions.{} {}", permissions_text, scanner_, rule, why);
}

std::string permissions::refuse_change(const scanhost_command& command) const {
  return refusal("read_only",
                 fmt::format("does not allow {}, which may change the store", title_of(command).text()));
}

std::string permissions::find_violation(const scanhost_command& command, effect what,
                                        const key_positions& keys) const {
  const bool acts = (command.flags & SCANHOST_COMMAND_ACTS) != 0;
  const bool may_change = what == effect::changes || (acts && what == effect::script);
  if (rules_.read_only && may_change) return refuse_change(command);
  if (!rules_.commands.empty() && !allows_command(command))
    return refusal("commands", fmt::format("does not list {}", title_of(command).text()));
  return rules_.key_prefixes.empty() ? std::string() : find_foreign_key(command, what, keys);
}

bool permissions::allows_command(const scanhost_command& command) const {
  const auto title = title_of(command);
  const auto next =
      title.script.empty() && command.arg_count > 1 ? view(command.args[1]) : std::string_view();
  return std::ranges::any_of(rules_.commands,
                             [&](const std::string& allowed) { return matches(allowed, title, next); });
}

// FLUSHALL names no key, and touches all.
std::string permissions::find_foreign_key(const scanhost_command& command, effect what,
                                          const key_positions& keys) const {
  const auto name = title_of(command).text();
  const auto named = keys.all_keys(command);
  if (!named)
    return refusal("key_prefixes",
                   fmt::format("does not allow {}, since the server does not say which keys it uses", name));
  if (named->empty() && what != effect::reads)
    return refusal("key_prefixes", fmt::format("does not allow {}, which names no key", name));
  const auto allowed = [&](std::string_view key) {
    return std::ranges::any_of(rules_.key_prefixes,
                               [&](const std::string& prefix) { return key.starts_with(prefix); });
  };
  const auto foreign = std::ranges::find_if_not(*named, allowed);
  if (foreign == named->end()) return {};
  return refusal("key_prefixes",
                 fmt::format("does not allow {} on a key that begins with none of them", name));
}

}  // namespace scanhost::store
