// SPDX-License-Identifier: Apache-2.0
#include "reload/changes.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "config/description.hpp"
#include "config/option_value.hpp"
#include "config/quantity.hpp"
#include "config/scanner_keys.hpp"
#include "config/store_keys.hpp"

namespace scanhost::reload {
namespace {

using plan::scanner_plan;

std::string on_or_off(bool on) { return on ? "true" : "false"; }

class reason_list {
 public:
  void changed(const std::string& what, const std::string& from, const std::string& to) {
    add(what + " " + from + " -> " + to);
  }
  void add(const std::string& reason) { add(reason, reason); }
  void add(std::string reason, std::string detail) {
    reasons_.push_back(std::move(reason));
    details_.push_back(std::move(detail));
  }
  bool empty() const noexcept { return reasons_.empty(); }
  std::vector<std::string> take() { return std::move(reasons_); }
  std::vector<std::string> take_details() { return std::move(details_); }

  void flag(const char* what, bool from, bool to) {
    if (from != to) changed(what, on_or_off(from), on_or_off(to));
  }
  void text(const char* what, const std::string& from, const std::string& to) {
    if (from != to) changed(what, from.empty() ? "(none)" : from, to.empty() ? "(none)" : to);
  }

 private:
  std::vector<std::string> reasons_;
  std::vector<std::string> details_;
};

// --- options

std::string format_option(const scanner_plan& plan, const std::string& name) {
  const auto value = plan.settings.options.find(name);
  const auto* table = plan.plugin.description.find_option(name);
  if (value == plan.settings.options.end() || table == nullptr) return "(none)";
  return config::format_value(*table, value->second);
}

template <class Values>
std::set<std::string> names_of(const Values& now, const Values& target) {
  std::set<std::string> names;
  for (const auto* values : {&now, &target})
    for (const auto& [name, value] : *values) names.insert(name);
  return names;
}

// Whether both have no value of that name, or the same one.
template <class Values>
bool is_same(const Values& now, const Values& target, const std::string& name) {
  const auto before = now.find(name), after = target.find(name);
  if (before == now.end() || after == target.end()) return before == now.end() && after == target.end();
  return before->second == after->second;
}

void compare_options(const scanner_plan& now, const scanner_plan& target, reason_list& reasons) {
  const auto &before = now.settings, &after = target.settings;
  for (const auto& name : names_of(before.options, after.options))
    if (!is_same(before.options, after.options, name))
      reasons.add("option " + name + " changed",
                  "option " + name + " " + format_option(now, name) + " -> " + format_option(target, name));
  for (const auto& name : names_of(before.secrets, after.secrets))
    if (!is_same(before.secrets, after.secrets, name)) reasons.add("option " + name + " changed");
}

// --- the rest of a scanner

std::string short_hash(const std::string& sha256) { return sha256.substr(0, 12); }

void compare_builds(const scanner_plan& now, const scanner_plan& target, reason_list& reasons) {
  reasons.text("plugin", now.settings.plugin, target.settings.plugin);
  if (now.plugin.sha256 != target.plugin.sha256)
    reasons.changed("build", short_hash(now.plugin.sha256), short_hash(target.plugin.sha256));
  reasons.text("version", now.plugin.description.version, target.plugin.description.version);
}

void compare_settings(const config::scanner_settings& now, const config::scanner_settings& target,
                      reason_list& reasons) {
  for (const auto& [key, before, after] : config::find_differences(now, target)) {
    if (key == "plugin") continue;  // compared with the builds
    const bool hash = key == "sha256";
    reasons.changed(std::string(key), hash ? short_hash(before) : before, hash ? short_hash(after) : after);
  }
}

std::string audit_text(const config::audit_settings& audit) {
  return audit.file.empty() ? "(none)"
                            : audit.file.string() + ", " + config::format_size(audit.max_size) + ", " +
                                  std::to_string(audit.max_files) + " files";
}

std::string rate_text(const config::rate_settings& rate) {
  if (rate.commands_per_s) return std::to_string(*rate.commands_per_s) + " commands/s";
  return rate.target_latency
             ? config::format_latency(*rate.target_latency) + ", " + std::to_string(rate.min()) + " to " +
                   std::to_string(rate.max()) + " commands/s"
             : "(none)";
}

using config::partition_counts;

std::string count_of(const partition_counts& counts, const std::string& family) {
  const auto found = counts.find(family);
  return found == counts.end() ? "(none)" : std::to_string(found->second);
}

void compare_counts(const partition_counts& now, const partition_counts& target, reason_list& reasons) {
  auto families = now;
  families.insert(target.begin(), target.end());
  for (const auto& [family, count] : families) {
    const auto before = count_of(now, family);
    const auto after = count_of(target, family);
    if (before != after) reasons.changed("partitions " + family, before, after);
  }
}

// Names only: a value may be a secret, or tell of one.
void compare_stores(const config::store_settings& now, const config::store_settings& target,
                    reason_list& reasons) {
  std::string fields;
  const auto field = [&](const char* name, bool same) {
    if (!same) fields += (fields.empty() ? "" : ", ") + std::string(name);
  };
  field("url",
        now.url == target.url && now.socket_path == target.socket_path && now.database == target.database);
  field("addresses", now.addresses == target.addresses);
  field("mode", now.mode == target.mode);
  field("sentinel", now.sentinel == target.sentinel);
  field("tls", now.tls == target.tls && now.tls_fingerprint == target.tls_fingerprint);
  field("username", now.username == target.username);
  field("password", now.password == target.password);
  field("connect_timeout", now.connect_timeout == target.connect_timeout);
  field("command_timeout", now.command_timeout == target.command_timeout);
  field("max_in_flight", now.max_in_flight == target.max_in_flight);
  if (!fields.empty()) reasons.add("store: " + fields);
}

reason_list compare(const scanner_plan& now, const scanner_plan& target) {
  reason_list reasons;
  compare_builds(now, target, reasons);
  compare_settings(now.settings, target.settings, reasons);
  reasons.text("run.audit", audit_text(now.settings.audit), audit_text(target.settings.audit));
  reasons.text("run.rate", rate_text(now.settings.host_rate), rate_text(target.settings.host_rate));
  compare_options(now, target, reasons);
  compare_counts(now.partition_counts, target.partition_counts, reasons);
  compare_stores(now.store, target.store, reasons);
  return reasons;
}

// Whether nothing else differs than what is changed while the generation runs.
bool can_be_adjusted(const scanner_plan& now, scanner_plan target) {
  target.settings.log_level = now.settings.log_level;
  return compare(now, target).empty();
}

change_kind kind_of(const scanner_plan& now, const scanner_plan& target, bool differs) {
  if (!differs) return change_kind::unchanged;
  return can_be_adjusted(now, target) ? change_kind::adjusted : change_kind::replaced;
}

change change_of(const scanner_plan* now, const scanner_plan& target) {
  if (now == nullptr) return {target.settings.name, change_kind::added, {}, {}};
  auto found = compare(*now, target);
  auto reasons = found.take();
  const auto kind = kind_of(*now, target, !reasons.empty());
  return {target.settings.name, kind, std::move(reasons), found.take_details()};
}

std::string listen_text(const config::admin_settings& admin) {
  return admin.enabled ? admin.address + ":" + std::to_string(admin.port) : "(none)";
}

std::string socket_text(const config::admin_settings& admin) {
  if (!admin.socket_enabled) return "(none)";
  return admin.socket_configured ? admin.socket.string() : "(default)";
}

std::string peers_text(const config::admin_settings& admin) {
  std::vector<std::string> texts;
  for (const auto& peer : admin.peers) texts.push_back(config::to_text(peer));
  return texts.empty() ? "" : config::format_list(texts);
}

std::string path_text(const std::filesystem::path& path) {
  return path.empty() ? "(default)" : path.string();
}

}  // namespace

std::vector<change> find_changes(const std::vector<scanner_plan>& now,
                                 const std::vector<scanner_plan>& target) {
  std::vector<change> changes;
  changes.reserve(target.size());
  for (const auto& plan : target) changes.push_back(change_of(find_plan(now, plan.settings.name), plan));
  for (const auto& plan : now)
    if (find_plan(target, plan.settings.name) == nullptr)
      changes.push_back({plan.settings.name, change_kind::removed, {}, {}});
  return changes;
}

std::vector<std::string> find_restart_needs(const config::settings& now, const config::settings& target) {
  reason_list reasons;
  reasons.text("admin.listen", listen_text(now.admin), listen_text(target.admin));
  reasons.text("admin.host_names", config::format_list(now.admin.host_names),
               config::format_list(target.admin.host_names));
  reasons.flag("admin.control", now.admin.control, target.admin.control);
  reasons.text("admin.socket", socket_text(now.admin), socket_text(target.admin));
  reasons.text("admin.read_token_file", now.admin.read_token_file.string(),
               target.admin.read_token_file.string());
  reasons.text("admin.operator_token_file", now.admin.operator_token_file.string(),
               target.admin.operator_token_file.string());
  reasons.text("admin.peers", peers_text(now.admin), peers_text(target.admin));
  reasons.text("plugins.staging", path_text(now.plugins.staging), path_text(target.plugins.staging));
  reasons.flag("plugins.watch", now.plugins.watch, target.plugins.watch);
  return reasons.take();
}

std::vector<std::string> keys_of(const std::vector<std::string>& restart_needs) {
  std::vector<std::string> keys;
  keys.reserve(restart_needs.size());
  for (const auto& need : restart_needs) keys.push_back(need.substr(0, need.find(' ')));
  return keys;
}

}  // namespace scanhost::reload
