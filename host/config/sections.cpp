// SPDX-License-Identifier: Apache-2.0
#include "config/sections.hpp"

#include <sys/un.h>

#include "config/addresses.hpp"
#include "config/fields.hpp"
#include "config/quantity.hpp"
#include "config/secret_source.hpp"

namespace scanhost::config {
namespace {

constexpr bounds time_outs{10, 3'600'000};
constexpr bounds databases{0, 65'535};
constexpr bounds commands_in_flight{1, 1'000'000};
constexpr bounds counts_of_partitions{1, 65'535};
constexpr bounds cycles_of_probation{0, 1'000};
constexpr bounds percent{0, 100};
constexpr bounds crashes{1, 100};
constexpr std::size_t max_socket_path_size = sizeof(sockaddr_un::sun_path) - 1;

std::filesystem::path below(const std::filesystem::path& folder, const std::string& written) {
  const std::filesystem::path path(written);
  return (path.is_absolute() ? path : folder / path).lexically_normal();
}

void read_url(const fields& store, store_settings& to, findings& findings) {
  std::string url;
  if (!store.text("url", url)) return;
  const int line = store.line("url");
  const auto address = parse_store_url(url);
  if (!address) return findings.problem(line, "store.url: " + address.error().text);
  if (address->tls)
    findings.problem(line,
                     "store.url: TLS is not available in this build; use valkey:// or redis://, or unix://");
  to.url = url;
  to.host = address->host;
  to.port = address->port;
  to.socket_path = address->socket_path;
  to.tls = address->tls;
  to.database = address->database.value_or(0);
  std::uint32_t database = 0;
  if (address->database && store.integer("database", databases, database) && database != *address->database)
    findings.problem(store.line("database"), "store.database and the database number in store.url (line " +
                                                 std::to_string(line) +
                                                 ") contradict each other; remove one of them");
}

void read_password(const fields& store, const std::filesystem::path& folder, store_settings& to,
                   findings& findings) {
  const auto *file = store.find("password_file"), *variable = store.find("password_env");
  if (file != nullptr && variable != nullptr)
    return findings.problem(std::max(file->line, variable->line),
                            "store.password_file and store.password_env contradict each other (lines " +
                                std::to_string(std::min(file->line, variable->line)) + " and " +
                                std::to_string(std::max(file->line, variable->line)) +
                                "); remove one of them");
  const std::string key = file != nullptr ? "password_file" : "password_env";
  std::string source;
  if (!store.text(key, source)) return;
  const auto secret =
      file != nullptr ? secret_from_file(below(folder, source)) : secret_from_environment(source);
  if (!secret) return findings.problem(store.line(key), store.path(key) + ": " + secret.error().text);
  if (!secret->warning.empty()) findings.warning(store.line(key), store.path(key) + ": " + secret->warning);
  to.password = secret->value;
}

void read_socket(const fields& admin, const std::filesystem::path& folder, admin_settings& to,
                 findings& findings) {
  std::string text;
  if (!admin.text("socket", text)) return;
  to.socket_enabled = text != "none";
  if (!to.socket_enabled) return;
  if (text.empty())
    return findings.problem(admin.line("socket"), "admin.socket is empty; write a path, or none");
  to.socket_configured = true;
  to.socket = below(folder, text);
  if (to.socket.native().size() > max_socket_path_size)
    findings.problem(admin.line("socket"),
                     "admin.socket: the path of a Unix socket must not be longer than " +
                         std::to_string(max_socket_path_size) + " bytes, and " +
                         in_quotes(to.socket.string()) + " is");
}

void read_listen(const fields& admin, admin_settings& to, findings& findings) {
  std::string text;
  if (!admin.text("listen", text)) return;
  const auto listen = parse_listen(text);
  if (!listen) return findings.problem(admin.line("listen"), "admin.listen: " + listen.error().text);
  to.enabled = listen->enabled;
  if (!listen->enabled) return;
  to.address = listen->address;
  to.port = listen->port;
  to.control = listen->loopback;
  if (!listen->loopback)
    findings.warning(
        admin.line("listen"),
        "admin.listen: " + in_quotes(text) +
            " is reachable from other machines, and the server asks nobody who they are; make sure that a firewall does");
}

}  // namespace

store_settings read_store(const node* from, const std::filesystem::path& folder, findings& findings) {
  const fields store(from, "store",
                     {"url", "username", "password_file", "password_env", "database", "connect_timeout",
                      "command_timeout", "max_in_flight"},
                     findings);
  store_settings to;
  read_url(store, to, findings);
  store.integer("database", databases, to.database);
  store.text("username", to.username);
  read_password(store, folder, to, findings);
  store.duration("connect_timeout", time_outs, to.connect_timeout);
  store.duration("command_timeout", time_outs, to.command_timeout);
  store.integer("max_in_flight", commands_in_flight, to.max_in_flight);
  return to;
}

std::vector<partition_count> read_partitions(const node* from, findings& findings) {
  std::vector<partition_count> counts;
  if (from == nullptr) return counts;
  for (const auto& entry : from->entries) {
    std::int64_t count = 0;
    if (read_number(*entry.value, "partitions." + entry.key, measure::integer, &counts_of_partitions, count,
                    findings))
      counts.push_back({entry.key, static_cast<std::uint32_t>(count), entry.line});
  }
  return counts;
}

plugin_settings read_plugins(const node* from, const std::filesystem::path& folder, findings& findings) {
  const fields plugins(
      from, "plugins",
      {"path", "staging", "watch", "allow_needed", "check_owner", "probation", "error_margin", "crash_limit"},
      findings);
  plugin_settings to;
  std::vector<std::string> folders;
  plugins.text_or_texts("path", folders);
  for (const auto& entry : folders) {
    if (entry.empty())
      findings.problem(plugins.line("path"), "plugins.path has an empty entry; write a folder, or remove it");
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

admin_settings read_admin(const node* from, const std::filesystem::path& folder, findings& findings) {
  const fields admin(from, "admin", {"listen", "host_names", "control", "socket"}, findings);
  admin_settings to;
  admin.texts("host_names", to.host_names);
  read_listen(admin, to, findings);
  admin.flag("control", to.control);
  read_socket(admin, folder, to, findings);
  return to;
}

node_ptr read_options(const map_entry* entry, const std::string& path, findings& findings) {
  return section(entry, path, findings) == nullptr ? nullptr : entry->value;
}

}  // namespace scanhost::config
