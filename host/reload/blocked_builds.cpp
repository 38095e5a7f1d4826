// SPDX-License-Identifier: Apache-2.0
#include "reload/blocked_builds.hpp"

#include <fmt/format.h>
#include <sys/file.h>

#include <chrono>
#include <exception>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "base/json.hpp"
#include "base/random_text.hpp"
#include "plugin/crashed_copies.hpp"
#include "plugin/staging.hpp"
#include "reload/state_file.hpp"

namespace scanhost::reload {

struct blocked_builds::contents {
  std::map<std::string, blocked_build> blocked;
  std::map<std::string, std::uint32_t> crashes;  // in a row
};

namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;
using base::errc;
using base::fail;

constexpr auto file_name = "blocked.json";
constexpr std::size_t min_hash_prefix = 8;

// --- what is in it

json json_of(const blocked_build& build) {
  return {{"scanner", build.scanner},
          {"plugin", build.plugin},
          {"reason", build.reason},
          {"since_ms", build.since.time_since_epoch().count()}};
}

blocked_build build_of(const std::string& sha256, const json& object) {
  return {sha256, object.at("scanner").get<std::string>(), object.at("plugin").get<std::string>(),
          object.at("reason").get<std::string>(),
          base::timestamp(base::milliseconds(base::to_integer<std::int64_t>(object.at("since_ms"))))};
}

base::timestamp now() {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::time_point_cast<base::milliseconds>(std::chrono::system_clock::now()));
}

std::string times(std::uint32_t count) {
  return count == 1 ? "once" : fmt::format("{} times in a row", count);
}

}  // namespace

blocked_builds::blocked_builds(fs::path place, std::function<void(const std::string&)> warn)
    : place_(std::move(place)), warn_(std::move(warn)) {}

// Only change() moves a file aside that cannot be parsed, since it holds the lock.
base::result<blocked_builds::contents> blocked_builds::read() const {
  const auto text = read_state(place_ / file_name);
  if (!text) return text.error();
  contents builds;
  if (!*text) return builds;
  try {
    const auto object = json::parse(**text);
    for (const auto& [sha256, build] : object.at("blocked").items())
      builds.blocked.emplace(sha256, build_of(sha256, build));
    for (const auto& [sha256, count] : object.at("crashes").items())
      builds.crashes.emplace(sha256, base::to_integer<std::uint32_t>(count));
  } catch (const std::exception& problem) {
    return fail(errc::data,
                fmt::format("{}: cannot be parsed: {}", (place_ / file_name).string(), problem.what()));
  }
  return builds;
}

base::result<void> blocked_builds::write(const contents& builds) const {
  json object{{"blocked", json::object()}, {"crashes", json::object()}};
  for (const auto& [sha256, build] : builds.blocked) object["blocked"][sha256] = json_of(build);
  for (const auto& [sha256, count] : builds.crashes) object["crashes"][sha256] = count;
  return replace_state(place_ / file_name, base::json_pretty(object));
}

base::result<void> blocked_builds::change(const std::function<bool(contents&)>& edit) {
  const auto lock = plugin::lock_file(place_ / plugin::staging_lock_name, LOCK_EX);
  if (!lock) return lock.error();
  contents known;
  if (auto builds = read()) {
    known = std::move(*builds);
  } else if (builds.error().code != errc::data) {
    return builds.error();
  } else {
    const auto aside = place_ / fmt::format("{}.bad-{}", file_name, base::random_text());
    if (::rename((place_ / file_name).c_str(), aside.c_str()) != 0)
      return state_error(place_ / file_name, "cannot be moved aside");
    warn_(fmt::format(
        "{}; it was renamed to {}, and no build is blocked any more; look into it and block again what must not run",
        builds.error().message, aside.string()));
  }
  return edit(known) ? write(known) : base::result<void>();
}

base::result<void> blocked_builds::block(const blocked_build& build) {
  return change([&](contents& builds) {
    auto added = build;
    if (added.since == base::timestamp{}) added.since = now();
    return builds.blocked.emplace(build.sha256, std::move(added)).second;
  });
}

base::result<blocked_build> blocked_builds::release(std::string_view hash) {
  if (hash.size() < min_hash_prefix)
    return fail(
        errc::usage,
        fmt::format("\"{}\" is too short for a build; give at least the first {} digits of its SHA-256", hash,
                    min_hash_prefix));
  base::result<blocked_build> released = fail(
      errc::no_input,
      fmt::format("no blocked build begins with {}; scanhost ctl blocked lists the blocked builds", hash));
  const auto done = change([&](contents& builds) {
    const auto first = builds.blocked.lower_bound(std::string(hash));
    if (first == builds.blocked.end() || !first->first.starts_with(hash)) return false;
    if (const auto next = std::next(first); next != builds.blocked.end() && next->first.starts_with(hash)) {
      released =
          fail(errc::usage, fmt::format("several blocked builds begin with {}: {}, {}; give more digits",
                                        hash, first->first, next->first));
      return false;
    }
    released = first->second;
    plugin::remove_crashed_copies(place_, first->first);
    builds.crashes.erase(first->first);
    builds.blocked.erase(first);
    return true;
  });
  if (!done) return done.error();
  return released;
}

base::result<std::optional<blocked_build>> blocked_builds::find(std::string_view sha256) {
  const auto builds = list();
  if (!builds) return builds.error();
  const auto found = builds->find(std::string(sha256));
  return found == builds->end() ? std::nullopt : std::optional(found->second);
}

base::result<std::map<std::string, blocked_build>> blocked_builds::list() {
  auto builds = read();
  if (builds) return std::move(builds->blocked);
  if (builds.error().code != errc::data) return builds.error();
  std::map<std::string, blocked_build> blocked;
  const auto repaired = change([&](contents& fresh) {
    blocked = std::move(fresh.blocked);
    return false;
  });
  if (!repaired) return repaired.error();
  return blocked;
}

base::result<bool> blocked_builds::crashed(const blocked_build& build, std::uint32_t limit) {
  bool blocked = false;
  const auto done = change([&](contents& builds) {
    const auto count = ++builds.crashes[build.sha256];
    if (limit > 0 && count >= limit) {
      auto added = build;
      added.reason = fmt::format("it crashed its host {}, the last time: {}", times(count), build.reason);
      added.since = now();
      builds.blocked.emplace(build.sha256, std::move(added));
    }
    blocked = builds.blocked.contains(build.sha256);
    return true;
  });
  if (!done) return done.error();
  return blocked;
}

base::result<void> blocked_builds::ran_well(std::string_view sha256) {
  const auto builds = read();  // usually there is nothing to forget, and no need for the lock
  if (builds && !builds->crashes.contains(std::string(sha256))) return {};
  return change([&](contents& fresh) { return fresh.crashes.erase(std::string(sha256)) > 0; });
}

}  // namespace scanhost::reload
