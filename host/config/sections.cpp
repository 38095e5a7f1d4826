// SPDX-License-Identifier: Apache-2.0
#include "config/sections.hpp"

#include <fmt/format.h>

#include "base/socket_path.hpp"
#include "config/addresses.hpp"
#include "config/description.hpp"
#include "config/fields.hpp"
#include "config/quantity.hpp"
#include "config/secret_source.hpp"

namespace scanhost::config {
namespace {

constexpr bounds counts_of_partitions{1, max_partitions};
constexpr bounds cycles_of_probation{0, 1'000};
constexpr bounds percent{0, 100};
constexpr bounds crashes{1, 100};
constexpr bounds audit_sizes{1 << 16, std::int64_t{1} << 40};
constexpr bounds audit_files{1, 1'000};

void read_socket(const fields& admin, const std::filesystem::path& folder, admin_settings& to,
                 diagnostics& diagnostics) {
  std::string text;
  if (!admin.text("socket", text)) return;
  to.socket_enabled = text != "none";
  if (!to.socket_enabled) return;
  if (text.empty())
    return diagnostics.problem(admin.line("socket"),
                               "admin.socket: expected a path or none, found an empty text");
  to.socket_configured = true;
  to.socket = below(folder, text);
  if (to.socket.native().size() > base::max_socket_path)
    diagnostics.problem(
        admin.line("socket"),
        fmt::format("admin.socket: {} is longer than {} bytes, the most that a Unix socket allows",
                    in_quotes(to.socket.string()), base::max_socket_path));
}

audit_settings read_audit(const node* from, const std::filesystem::path& folder, diagnostics& diagnostics) {
  const fields audit(from, "run.audit", {"file", "max_size", "max_files"}, diagnostics);
  audit_settings to;
  std::string file;
  if (audit.text("file", file) && !file.empty()) to.file = below(folder, file);
  audit.size("max_size", audit_sizes, to.max_size);
  audit.integer("max_files", audit_files, to.max_files);
  return to;
}

void read_listen(const fields& admin, admin_settings& to, diagnostics& diagnostics) {
  std::string text;
  if (!admin.text("listen", text)) return;
  const auto listen = parse_listen(text);
  if (!listen) return diagnostics.problem(admin.line("listen"), "admin.listen: " + listen.error().message);
  to.enabled = listen->enabled;
  if (!listen->enabled) return;
  to.address = listen->address;
  to.port = listen->port;
  to.control = listen->loopback || !to.operator_token_file.empty();
  if (listen->loopback) return;
  const auto open = to.read_token_file.empty()
                        ? "it shows everything to everybody; set admin.read_token_file, or "
                        : "tokens are not encrypted; ";
  diagnostics.warning(
      admin.line("listen"),
      fmt::format("admin.listen: {} is reachable from other machines, and {}protect it with a "
                  "firewall or a proxy with TLS",
                  in_quotes(text), open));
}

// Names would have to be looked up, which can take long.
void read_peers(const fields& admin, std::vector<server_address>& to, diagnostics& diagnostics) {
  std::vector<std::string> texts;
  admin.texts("peers", texts);
  for (const auto& text : texts) {
    const auto address = parse_host_address(text);
    if (!address || !literal_ip(address->host))
      diagnostics.problem(
          admin.line("peers"),
          fmt::format("admin.peers: expected the IP address of another host, such as 10.0.0.2:9464, "
                      "found {}",
                      in_quotes(text)));
    else
      to.push_back({address->host, address->port.value_or(admin_settings().port)});
  }
}

void read_token(const fields& admin, const char* key, const std::filesystem::path& folder,
                std::filesystem::path& file, base::secret& token, diagnostics& diagnostics) {
  std::string text;
  if (!admin.text(key, text)) return;
  file = below(folder, text);
  const auto read = token_from_file(file);
  if (!read) return diagnostics.problem(admin.line(key), admin.path(key) + ": " + read.error().message);
  if (!read->warning.empty()) diagnostics.warning(admin.line(key), admin.path(key) + ": " + read->warning);
  token = read->value;
}

}  // namespace

std::vector<partition_count> read_partitions(const node* from, const std::string& path,
                                             diagnostics& diagnostics) {
  std::vector<partition_count> counts;
  const auto read = [&](const node& value, const std::string& family, int line) {
    std::int64_t count = 0;
    const auto whole_path = family.empty() ? path : path + "." + as_in_yaml(family);
    if (read_number(value, whole_path, measure::integer, &counts_of_partitions, count, diagnostics))
      counts.push_back({family, static_cast<std::uint32_t>(count), line});
  };
  if (from == nullptr || from->kind == node_kind::null) return counts;
  if (from->kind != node_kind::map) read(*from, {}, from->line);
  for (const auto& entry : from->entries) read(*entry.value, entry.key, entry.line);
  return counts;
}

plugin_settings read_plugins(const node* from, const std::filesystem::path& folder,
                             diagnostics& diagnostics) {
  const fields plugins(
      from, "plugins",
      {"path", "staging", "watch", "allow_needed", "check_owner", "probation", "error_margin", "crash_limit"},
      diagnostics);
  plugin_settings to;
  std::vector<std::string> folders;
  plugins.text_or_texts("path", folders);
  for (const auto& entry : folders) {
    if (entry.empty())
      diagnostics.problem(plugins.line("path"),
                          "plugins.path: expected a folder, found an empty entry; remove it");
    else
      to.path.push_back(below(folder, entry));
  }
  std::string staging;
  if (plugins.text("staging", staging) && !staging.empty()) to.staging = below(folder, staging);
  plugins.flag("watch", to.watch);
  plugins.texts("allow_needed", to.allow_needed);
  plugins.flag("check_owner", to.check_owner);
  plugins.integer("probation", cycles_of_probation, to.probation);
  plugins.integer("error_margin", percent, to.error_margin);
  plugins.integer("crash_limit", crashes, to.crash_limit);
  return to;
}

run_settings read_run(const node* from, const std::filesystem::path& folder, diagnostics& diagnostics) {
  const fields run(from, "run", {"dry_run", "audit", "rate"}, diagnostics);
  run_settings to;
  run.flag("dry_run", to.dry_run);
  to.audit = read_audit(section(run.find("audit"), "run.audit", diagnostics), folder, diagnostics);
  to.rate = read_rate(run.find("rate"), "run.rate", diagnostics);
  return to;
}

admin_settings read_admin(const node* from, const std::filesystem::path& folder, diagnostics& diagnostics) {
  const fields admin(
      from, "admin",
      {"listen", "host_names", "control", "socket", "read_token_file", "operator_token_file", "peers"},
      diagnostics);
  admin_settings to;
  admin.texts("host_names", to.host_names);
  read_token(admin, "read_token_file", folder, to.read_token_file, to.read_token, diagnostics);
  read_token(admin, "operator_token_file", folder, to.operator_token_file, to.operator_token, diagnostics);
  read_peers(admin, to.peers, diagnostics);
  read_listen(admin, to, diagnostics);
  admin.flag("control", to.control);
  read_socket(admin, folder, to, diagnostics);
  return to;
}

node_ptr read_options(const map_entry* entry, const std::string& path, diagnostics& diagnostics) {
  return section(entry, path, diagnostics) == nullptr ? nullptr : entry->value;
}

}  // namespace scanhost::config
