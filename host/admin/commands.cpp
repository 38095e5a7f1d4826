// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "admin/control.hpp"
#include "config/quantity.hpp"

namespace scanhost::admin {
namespace {

constexpr command_option pause_options[] = {
    {"for", "DURATION", "resume by itself after this time, from 1s to 365d, such as 90s, 2h or 1d"},
    {"reason", "TEXT", "why, in one line of at most 200 bytes, for everybody who sees the status"},
};

constexpr command_option failure_options[] = {
    {"limit", "NUMBER", "list at most this many, from 1 to 1000 (default: 100)"},
};

constexpr command_option explain_options[] = {
    {"scanner", "NAME", "ask this scanner only (default: all)"},
};

constexpr command table[] = {
    {"status", arity::at_most_one, button::none, "scanner",
     "print the state of the host and what each scanner does, or all that is known of one scanner", "GET",
     "/status.json", nullptr},
    {"reload", arity::any, button::of_scanner, "scanner",
     "load new builds of the named scanners; without a name, read the configuration and load all new builds",
     "POST", "/control/reload", &control::reload},
    {"plan", arity::none, button::none, "", "print what a reload of the configuration would change", "GET",
     "/control/plan", &control::plan},
    {"rollback", arity::single, button::of_scanner, "scanner",
     "go back to the build that the scanner ran before", "POST", "/control/rollback", &control::roll_back},
    {"pause", arity::any, button::of_scanner, "scanner",
     "pause the named scanners, or all, until they are resumed, also over restarts of the host; scans that have begun are finished",
     "POST", "/control/pause", &control::pause, pause_options},
    {"resume", arity::any, button::of_scanner, "scanner", "resume the named scanners, or all", "POST",
     "/control/resume", &control::resume},
    {"run-now", arity::at_least_one, button::of_scanner, "scanner",
     "start the next cycle of the named scanners at once", "POST", "/control/run-now", &control::run_now},
    {"failures", arity::at_most_one, button::none, "scanner",
     "list the items of the scanner, or of all, that fail or are in back-off: since when, how often, why, and when they are tried again",
     "GET", "/failures.json", nullptr, failure_options},
    {"explain", arity::single, button::none, "item",
     "say where the item stands with each scanner: in which indexes, since when or until when, who acts on it next, and what keeps the others from it; nothing is changed",
     "GET", "/explain.json", &control::explain, explain_options},
    {"retry", arity::one_or_two, button::of_items, "scanner item",
     "take the item of the scanner, or all of its items, out of back-off, and start its next cycle at once",
     "POST", "/control/retry", &control::retry},
    {"log-level", arity::pair, button::none, "scanner level",
     "write the log lines of the scanner from this level on, until the host ends; default: as configured",
     "POST", "/control/log-level", &control::set_log_level},
    {"blocked", arity::none, button::none, "", "list the blocked builds, each with its reason", "GET",
     "/control/blocked", &control::list_blocked},
    {"release", arity::single, button::of_build, "sha256",
     "unblock the build with this SHA-256; its first 8 digits are enough", "POST", "/control/release",
     &control::release},
};

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (auto& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return upper;
}

std::string with_arguments(const command& entry) {
  const auto argument = upper_case(entry.argument);
  switch (entry.arguments) {
    case arity::none:
      break;
    case arity::single:
    case arity::pair:
      return fmt::format("{} {}", entry.name, argument);
    case arity::at_most_one:
      return fmt::format("{} [{}]", entry.name, argument);
    case arity::one_or_two: {
      const auto blank = argument.find(' ');
      return fmt::format("{} {} [{}]", entry.name, argument.substr(0, blank), argument.substr(blank + 1));
    }
    case arity::at_least_one:
      return fmt::format("{} {}...", entry.name, argument);
    case arity::any:
      return fmt::format("{} [{}...]", entry.name, argument);
  }
  return std::string(entry.name);
}

}  // namespace

std::span<const command> commands() noexcept { return table; }

const command* find_command(std::string_view name) noexcept {
  const auto* found = std::find_if(std::begin(table), std::end(table),
                                   [&](const command& entry) { return entry.name == name; });
  return found == std::end(table) ? nullptr : found;
}

std::string command_names() {
  std::string names;
  for (const auto& entry : table) names.append(names.empty() ? "" : ", ").append(entry.name);
  return names;
}

std::string usage_of(const command& entry) {
  auto usage = with_arguments(entry);
  for (const auto& option : entry.options) usage += fmt::format(" [--{} {}]", option.name, option.value);
  return usage;
}

std::string unknown_option(const command& entry, const std::map<std::string, std::string>& options) {
  for (const auto& given : options) {
    const auto& name = given.first;
    const auto is_it = [&](const command_option& option) { return option.name == name; };
    if (std::any_of(entry.options.begin(), entry.options.end(), is_it)) continue;
    if (entry.options.empty())
      return fmt::format("{} takes no option, but {} is given", entry.name, config::in_quotes(name));
    std::string known;
    for (const auto& option : entry.options) known.append(known.empty() ? "" : ", ").append(option.name);
    return fmt::format("{} has no option {}; it has {}", entry.name, config::in_quotes(name), known);
  }
  return {};
}

std::string wrong_count(const command& entry, std::size_t count) {
  if (entry.arguments == arity::none && count != 0) return fmt::format("{} takes no argument", entry.name);
  if (entry.arguments == arity::single && count != 1)
    return fmt::format("{} takes exactly one {}", entry.name, entry.argument);
  if (entry.arguments == arity::pair && count != 2)
    return fmt::format("{} takes exactly two arguments: {}", entry.name, upper_case(entry.argument));
  if (entry.arguments == arity::at_most_one && count > 1)
    return fmt::format("{} takes at most one {}", entry.name, entry.argument);
  if (entry.arguments == arity::one_or_two && (count == 0 || count > 2))
    return fmt::format("{} takes one or two arguments: {}", entry.name, upper_case(entry.argument));
  if (entry.arguments == arity::at_least_one && count == 0)
    return fmt::format("{} takes at least one {}", entry.name, entry.argument);
  return {};
}

void perform(control& control, const control_request& request, on_answer done) {
  const auto refuse = [&](std::string reason) { done({base::exit_code::usage, std::move(reason), {}}); };
  const auto* entry = find_command(request.command);
  if (entry == nullptr || entry->perform == nullptr)
    return refuse(fmt::format("{}: no such command; the commands are {}", request.command, command_names()));
  if (auto problem = wrong_count(*entry, request.arguments.size()); !problem.empty())
    return refuse(std::move(problem));
  if (auto problem = unknown_option(*entry, request.options); !problem.empty())
    return refuse(std::move(problem));
  (control.*entry->perform)(request, std::move(done));
}

}  // namespace scanhost::admin
