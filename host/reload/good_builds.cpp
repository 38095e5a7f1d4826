// SPDX-License-Identifier: Apache-2.0
#include "reload/good_builds.hpp"

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "base/json.hpp"
#include "plugin/staged_file.hpp"
#include "plugin/staging.hpp"
#include "reload/state_file.hpp"

namespace scanhost::reload {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr auto good_file = "good.json";
constexpr auto good_folder = "good";
constexpr std::size_t max_builds = 2;  // of a scanner

ordered_json json_of_good(const good_build& build) {
  return {{"sha256", build.sha256},
          {"plugin", build.plugin},
          {"version", build.version},
          {"since_ms", build.since.time_since_epoch().count()}};
}

good_build good_build_of(const ordered_json& object) {
  return {object.at("sha256").get<std::string>(), object.at("plugin").get<std::string>(),
          object.at("version").get<std::string>(),
          base::timestamp(base::milliseconds(base::to_integer<std::int64_t>(object.at("since_ms"))))};
}

void put_first(std::vector<good_build>& builds, good_build build) {
  const auto known = std::find_if(builds.begin(), builds.end(),
                                  [&](const auto& other) { return other.sha256 == build.sha256; });
  if (known != builds.end()) {
    std::rotate(builds.begin(), known, known + 1);
    return;
  }
  builds.insert(builds.begin(), std::move(build));
  if (builds.size() > max_builds) builds.resize(max_builds);
}

}  // namespace

good_builds::good_builds(fs::path place, const fs::path& config_file,
                         std::function<void(const std::string&)> warn)
    : place_(std::move(place)), config_file_(fs::absolute(config_file).string()), warn_(std::move(warn)) {}

std::string good_builds::key_of(const std::string& scanner) const { return config_file_ + "#" + scanner; }

fs::path good_builds::file_of(const good_build& build) const {
  return place_ / good_folder / build.sha256 / (build.plugin + ".so");
}

base::result<good_builds::entries> good_builds::read() const {
  const auto text = read_state(place_ / good_file);
  if (!text) return text.error();
  entries builds;
  if (!*text) return builds;
  try {
    const auto object = ordered_json::parse(**text);
    for (const auto& [key, list] : object.items())
      for (const auto& build : list) builds[key].push_back(good_build_of(build));
  } catch (const std::exception& problem) {
    warn_(fmt::format("{}: cannot be parsed: {}; which builds ran well is not known any more",
                      (place_ / good_file).string(), problem.what()));
    builds.clear();
  }
  return builds;
}

base::result<void> good_builds::write(const entries& builds) const {
  auto object = ordered_json::object();
  for (const auto& [key, list] : builds) {
    auto array = ordered_json::array();
    for (const auto& build : list) array.push_back(json_of_good(build));
    object[key] = std::move(array);
  }
  return replace_state(place_ / good_file, base::json_pretty(object));
}

base::result<std::vector<good_build>> good_builds::find(const std::string& scanner) const {
  auto builds = read();
  if (!builds) return builds.error();
  return std::move((*builds)[key_of(scanner)]);
}

base::result<void> good_builds::keep(const plan::scanner_plan& plan) {
  if (!plan.plugin.copy) return {};
  const auto lock = plugin::lock_file(place_ / plugin::staging_lock_name, LOCK_EX);
  if (!lock) return lock.error();
  auto builds = read();
  if (!builds) return builds.error();
  if (auto stored = store_copy(plan); !stored) return stored;
  const auto now = std::chrono::time_point_cast<base::milliseconds>(std::chrono::system_clock::now());
  put_first((*builds)[key_of(plan.settings.name)],
            {plan.plugin.sha256, plan.settings.plugin, plan.plugin.description.version, now});
  if (auto written = write(*builds); !written) return written;
  remove_unused_copies(*builds);
  return {};
}

// Whole, or not there.
base::result<void> good_builds::store_copy(const plan::scanner_plan& plan) const {
  const auto file = file_of({plan.plugin.sha256, plan.settings.plugin, {}, {}});
  std::error_code problem;
  if (fs::exists(file, problem)) return {};
  fs::create_directories(file.parent_path(), problem);
  const auto copied = plugin::staged_file::copy(plan.plugin.copy->fd(), file.parent_path(),
                                                plan.settings.plugin, file.string());
  if (!copied) return base::fail(base::errc::os, copied.error().message);
  if (::rename((*copied)->path().c_str(), file.c_str()) != 0)
    return state_error(file, "cannot be put in place");
  return sync_folder(file.parent_path());
}

void good_builds::remove_unused_copies(const entries& builds) const {
  std::set<std::string> used;
  for (const auto& [key, list] : builds)
    for (const auto& build : list) used.insert(build.sha256);
  std::error_code ignored;
  std::vector<fs::path> unused;
  for (const auto& entry : fs::directory_iterator(place_ / good_folder, ignored))
    if (!used.contains(entry.path().filename().string())) unused.push_back(entry.path());
  for (const auto& folder : unused) fs::remove_all(folder, ignored);
}

bool run_watch::has_run_well(const runner::scanner_status& now, std::uint64_t cycles) {
  if (now.blocked || now.sha256.empty()) return false;
  const auto [at, added] = builds_.try_emplace(now.name, entry{now.sha256, now.cycles, now.restarts});
  auto& build = at->second;
  if (build.sha256 != now.sha256) build = {now.sha256, now.cycles, now.restarts};
  if (build.known) return false;
  if (now.restarts > build.restarts || now.state == runner::scanner_state::stuck) {
    build.cycles = now.cycles;
    build.restarts = now.restarts;
  }
  build.known = !now.on_probation && now.cycles >= build.cycles + cycles;
  return build.known;
}

bool run_watch::is_known(const runner::scanner_status& now) const {
  const auto found = builds_.find(now.name);
  return found != builds_.end() && found->second.sha256 == now.sha256 && found->second.known;
}

}  // namespace scanhost::reload
