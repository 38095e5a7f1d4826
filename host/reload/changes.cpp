// SPDX-License-Identifier: Apache-2.0
#include "reload/changes.hpp"

#include <algorithm>
#include <string>

#include "config/description.hpp"
#include "config/quantity.hpp"
#include "config/scanner_keys.hpp"

namespace scanhost::reload {
namespace {

using config::format_duration;
using plan::scanner_plan;

std::string on_or_off(bool on) { return on ? "true" : "false"; }

class reason_list {
 public:
  void changed(const std::string& what, const std::string& from, const std::string& to) {
    reasons_.push_back(what + " " + from + " -> " + to);
  }
  void add(std::string reason) { reasons_.push_back(std::move(reason)); }
  std::vector<std::string> take() { return std::move(reasons_); }

  void flag(const char* what, bool from, bool to) {
    if (from != to) changed(what, on_or_off(from), on_or_off(to));
  }
  void text(const char* what, const std::string& from, const std::string& to) {
    if (from != to) changed(what, from.empty() ? "(none)" : from, to.empty() ? "(none)" : to);
  }

 private:
  std::vector<std::string> reasons_;
};

// --- options

bool plain(std::string_view text) {
  constexpr std::string_view besides = "_-.:/*@{}";
  return !text.empty() && text.size() <= 60 && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           besides.find(c) != std::string_view::npos;
  });
}

std::string shown(const std::string& text) { return plain(text) ? text : config::in_quotes(text); }

std::string shown(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& entry : list) text += (text.empty() ? "" : ", ") + shown(entry);
  return "[" + text + "]";
}

std::string shown(std::int64_t number, const config::option* option) {
  if (option == nullptr) return std::to_string(number);
  switch (option->type) {
    case config::option_type::duration:
      return format_duration(base::milliseconds(number));
    case config::option_type::size:
      return config::format_size(number);
    case config::option_type::flag:
      return on_or_off(number != 0);
    default:
      return std::to_string(number);
  }
}

std::string shown_option(const scanner_plan& plan, const std::string& name) {
  const auto found = plan.settings.options.find(name);
  if (found == plan.settings.options.end()) return "(none)";
  if (const auto* number = std::get_if<std::int64_t>(&found->second))
    return shown(*number, plan.plugin.description.find_option(name));
  if (const auto* text = std::get_if<std::string>(&found->second)) return shown(*text);
  return shown(std::get<std::vector<std::string>>(found->second));
}

void compare_options(const scanner_plan& now, const scanner_plan& target, reason_list& reasons) {
  std::vector<std::string> names;
  for (const auto* plan : {&now, &target})
    for (const auto& [name, value] : plan->settings.options) names.push_back(name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const auto& name : names) {
    const auto before = now.settings.options.find(name);
    const auto after = target.settings.options.find(name);
    const bool both = before != now.settings.options.end() && after != target.settings.options.end();
    if (both && before->second == after->second) continue;
    reasons.changed("option " + name, shown_option(now, name), shown_option(target, name));
  }
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

using partition_counts = std::map<std::string, std::uint32_t, std::less<>>;

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
  field("url", now.url == target.url && now.host == target.host && now.port == target.port &&
                   now.socket_path == target.socket_path && now.database == target.database);
  field("tls", now.tls == target.tls);
  field("username", now.username == target.username);
  field("password", now.password == target.password);
  field("connect_timeout", now.connect_timeout == target.connect_timeout);
  field("command_timeout", now.command_timeout == target.command_timeout);
  field("max_in_flight", now.max_in_flight == target.max_in_flight);
  if (!fields.empty()) reasons.add("store: " + fields);
}

std::vector<std::string> compare(const scanner_plan& now, const scanner_plan& target) {
  reason_list reasons;
  compare_builds(now, target, reasons);
  compare_settings(now.settings, target.settings, reasons);
  compare_options(now, target, reasons);
  compare_counts(now.partition_counts, target.partition_counts, reasons);
  compare_stores(now.store, target.store, reasons);
  return reasons.take();
}

change change_of(const scanner_plan* now, const scanner_plan& target) {
  if (now == nullptr) return {target.settings.name, change_kind::added, {}};
  auto reasons = compare(*now, target);
  const auto kind = reasons.empty() ? change_kind::unchanged : change_kind::replaced;
  return {target.settings.name, kind, std::move(reasons)};
}

std::string listen_text(const config::admin_settings& admin) {
  return admin.enabled ? admin.address + ":" + std::to_string(admin.port) : "(none)";
}

std::string socket_text(const config::admin_settings& admin) {
  if (!admin.socket_enabled) return "(none)";
  return admin.socket_configured ? admin.socket.string() : "(default)";
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
      changes.push_back({plan.settings.name, change_kind::removed, {}});
  return changes;
}

std::vector<std::string> find_restart_needs(const config::settings& now, const config::settings& target) {
  reason_list reasons;
  reasons.text("admin.listen", listen_text(now.admin), listen_text(target.admin));
  reasons.text("admin.host_names", shown(now.admin.host_names), shown(target.admin.host_names));
  reasons.flag("admin.control", now.admin.control, target.admin.control);
  reasons.text("admin.socket", socket_text(now.admin), socket_text(target.admin));
  reasons.text("plugins.staging", path_text(now.plugins.staging), path_text(target.plugins.staging));
  return reasons.take();
}

}  // namespace scanhost::reload
