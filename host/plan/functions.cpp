// SPDX-License-Identifier: Apache-2.0
#include "plan/functions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "plan/function_list.hpp"

namespace scanhost::plan {
namespace {

using base::errc;
using base::fail;

// A proxy, or a server that is like Redis but does not say what it is, may not know the command.
base::error explain_missing_command(base::error problem) {
  if (problem.message.find("unknown command") == std::string::npos) return problem;
  return fail(
      errc::missing,
      fmt::format(
          "the server has no functions (it answered {}); use Redis 7.0 or newer, or Valkey, and if there is a proxy, one that passes FUNCTION and FCALL on",
          problem.message));
}

using library_list = std::vector<listed_library>;

// All libraries of one server.
base::result<library_list> read_server(store::session& store, std::size_t node) {
  auto answer = store.call_at(node, {"FUNCTION", "LIST", "WITHCODE"});
  if (!answer) return explain_missing_command(answer.error());
  return libraries_of(store::reply_of(**answer));
}

// All libraries of each server.
base::result<std::vector<library_list>> read_servers(store::session& store) {
  std::vector<library_list> servers;
  for (std::size_t node = 0; node < store.node_count(); ++node) {
    auto server = read_server(store, node);
    if (!server) return server.error();
    servers.push_back(std::move(*server));
  }
  return servers;
}

function_inventory inventory_of_all(const std::vector<library_list>& servers) {
  auto found = inventory_of(servers.front());
  for (const auto& server : servers) found = common_part(found, inventory_of(server));
  return found;
}

const listed_library* find_library(const std::vector<listed_library>& libraries, std::string_view name) {
  const auto found = std::ranges::find(libraries, name, &listed_library::name);
  return found == libraries.end() ? nullptr : &*found;
}

std::string version_of(const std::string& code) {
  const auto mark = read_mark(code);
  return mark ? mark->version : std::string();
}

// Whether every server has the library, and which versions.
void describe_presence(const std::vector<library_list>& servers, library_status& status) {
  std::set<std::string> versions;
  status.present = true;
  for (const auto& server : servers) {
    const auto* present = find_library(server, status.need.library);
    if (present == nullptr)
      status.present = false;
    else
      versions.insert(version_of(present->code));
  }
  if (status.present) status.version = fmt::format("{}", fmt::join(versions, ", "));
}

base::result<void> load(store::session& store, std::size_t node, const bundled_library& library,
                        bool replace) {
  std::vector<std::string> call{"FUNCTION", "LOAD"};
  if (replace) call.emplace_back("REPLACE");
  call.push_back(library.code);
  if (auto loaded = store.call_at(node, call); !loaded)
    return fail(loaded.error().code,
                fmt::format("{}: the function library '{}' cannot be loaded: {}", store.node_name(node),
                            library.name, loaded.error().message));
  return {};
}

base::result<install_report> install_at(store::session& store, std::size_t node, const library_list& server,
                                        const bundled_library& library) {
  std::optional<std::string> on_server;
  if (const auto* present = find_library(server, library.name)) on_server = present->code;
  install_report report{store.node_name(node), library.name, library.version,
                        decide_install(on_server, library.version), on_server ? version_of(*on_server) : ""};
  if (report.step != install_step::load && report.step != install_step::replace) return report;
  if (auto loaded = load(store, node, library, report.step == install_step::replace); !loaded)
    return loaded.error();
  return report;
}

}  // namespace

base::result<bundled_library> read_library(const std::filesystem::path& file) {
  std::ifstream source(file, std::ios::binary);
  if (!source)
    return fail(errc::no_input,
                fmt::format("{}: cannot be read; a plugin's function library must be beside the plugin",
                            file.string()));
  bundled_library library;
  library.file = file;
  library.code.assign(std::istreambuf_iterator<char>(source), {});
  const auto engine = read_engine_name(library.code);
  if (!engine) return fail(errc::data, fmt::format("{}:1: expected '#!lua name=<name>'", file.string()));
  const auto mark = read_mark(library.code);
  if (!mark)
    return fail(errc::data,
                fmt::format("{}:2: expected '-- scanhost functions: <name> <version>'", file.string()));
  if (mark->name != *engine)
    return fail(errc::data, fmt::format("{}:2: names the library '{}', line 1 names '{}'; make them equal",
                                        file.string(), mark->name, *engine));
  library.name = mark->name;
  library.version = mark->version;
  return library;
}

base::result<std::vector<bundled_library>> libraries_in(const std::vector<std::filesystem::path>& folders) {
  std::map<std::string, bundled_library> by_name;
  for (const auto& folder : folders) {
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
      if (entry.path().extension() != ".lua") continue;
      auto library = read_library(entry.path());
      if (!library) return library.error();
      by_name.try_emplace(library->name, std::move(*library));
    }
    if (problem) return fail(errc::no_input, fmt::format("{}: {}", folder.string(), problem.message()));
  }
  std::vector<bundled_library> found;
  found.reserve(by_name.size());
  for (auto& [name, library] : by_name) found.push_back(std::move(library));
  return found;
}

std::vector<library_need> needed_libraries(const std::vector<config::scanner_settings>& scanners,
                                           const plugin::catalogue& plugins) {
  std::map<std::string, library_need> by_name;
  for (const auto& scanner : scanners) {
    const auto plugin = plugins.plugins.find(scanner.plugin);
    if (plugin == plugins.plugins.end() || plugin->second.description.function_library.empty()) continue;
    const auto& description = plugin->second.description;
    auto& need = by_name[description.function_library];
    need.library = description.function_library;
    need.file = plugin->second.file.parent_path() / (description.function_library + ".lua");
    const bool waits = scanner.enabled == config::run_condition::functions_exist;
    auto& functions = waits ? need.awaited_functions : need.functions;
    functions.insert(description.functions.begin(), description.functions.end());
    (waits ? need.awaiting_scanners : need.scanners).push_back(scanner.name);
  }
  std::vector<library_need> needs;
  needs.reserve(by_name.size());
  for (auto& [name, need] : by_name) needs.push_back(std::move(need));
  return needs;
}

base::result<functions_report> read_status(store::session& store, const std::vector<library_need>& needs) {
  if (needs.empty()) return functions_report();
  auto servers = read_servers(store);
  if (!servers) return servers.error();
  functions_report report{{}, inventory_of_all(*servers)};
  for (const auto& need : needs) {
    library_status status{need, false, "", {}, {}};
    describe_presence(*servers, status);
    status.missing = report.found.missing_of({need.functions.begin(), need.functions.end()});
    status.awaited = report.found.missing_of({need.awaited_functions.begin(), need.awaited_functions.end()});
    report.libraries.push_back(std::move(status));
  }
  return report;
}

base::result<void> require_functions(const std::vector<library_status>& libraries,
                                     const std::string& store_url, const std::string& config_file) {
  std::string message;
  for (const auto& status : libraries) {
    if (status.missing.empty()) continue;
    message +=
        fmt::format("{}{}: {} {} not on the server, and {} cannot run without", message.empty() ? "" : "\n",
                    store_url, describe_functions(status.missing, status.need.library),
                    status.missing.size() == 1 ? "is" : "are", fmt::join(status.need.scanners, ", "));
  }
  if (message.empty()) return {};
  return fail(errc::missing, fmt::format("{}\ninstall them with: scanhost functions install --config {}",
                                         message, config_file));
}

base::result<std::vector<install_report>> install_library(store::session& store,
                                                          const bundled_library& library) {
  auto servers = read_servers(store);
  if (!servers) return servers.error();
  std::vector<install_report> reports;
  for (std::size_t node = 0; node < servers->size(); ++node) {
    auto report = install_at(store, node, (*servers)[node], library);
    if (!report) return report.error();
    reports.push_back(std::move(*report));
  }
  return reports;
}

}  // namespace scanhost::plan
