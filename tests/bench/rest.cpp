// SPDX-License-Identifier: Apache-2.0
//
// The cost at rest: every plugin of the folder with its defaults over empty partitions,
// and the host with its status page, as it runs in production.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "bench/measure.hpp"
#include "bench/raw_client.hpp"
#include "demo/host.hpp"

namespace scanhost::bench {
namespace {

std::vector<std::pair<std::string, std::string>> all_scanners(const std::filesystem::path& plugins) {
  std::vector<std::pair<std::string, std::string>> scanners;
  for (const auto& entry : std::filesystem::directory_iterator(plugins))
    if (entry.path().extension() == ".so") scanners.emplace_back(entry.path().stem().string(), "");
  return scanners;
}

double commands_so_far(raw_client& client) {
  const auto info = client.call({"INFO", "stats"});
  const std::string text(info->str, info->len);
  constexpr std::string_view name = "total_commands_processed:";
  return std::strtod(text.c_str() + text.find(name) + name.size(), nullptr);
}

bool have_begun(const host_paths& paths, const std::filesystem::path& socket, std::size_t scanners) {
  if (!std::filesystem::exists(socket)) return false;  // the host does not listen yet
  try {
    const auto status = run_host(paths, {"ctl", "--socket", socket.string(), "status", "--json"});
    return demo::have_begun(demo::parse_status(status).value(), scanners);
  } catch (const std::exception&) {
    return false;  // it does not answer yet
  }
}

void wait_until_ready(const host_paths& paths, const std::filesystem::path& socket, std::size_t scanners) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!have_begun(paths, socket, scanners)) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("the host did not become ready in time");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace

rest_figures measure_rest(const place& where, double seconds) {
  raw_client client(where.socket_path);
  client.call({"FLUSHALL"});
  const auto scanners = all_scanners(where.host.plugins);
  const host_config config(
      where.host, where.url, scanners,
      fmt::format("admin: {{listen: \"{}\", socket: control.sock}}\n", demo::free_address()));
  host_service host(where.host, config);
  wait_until_ready(where.host, config.file().parent_path() / "control.sock", scanners.size());
  std::this_thread::sleep_for(std::chrono::seconds(5));  // until the start-up work is over
  const auto begin = std::chrono::steady_clock::now();
  const auto cpu = host.cpu_seconds();
  const auto commands = commands_so_far(client);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  rest_figures figures;
  figures.scanners = scanners.size();
  figures.cpu_percent = 100 * (host.cpu_seconds() - cpu) / elapsed;
  figures.commands_per_s = (commands_so_far(client) - commands) / elapsed;
  figures.rss_mib = host.rss_mib();
  host.stop();
  return figures;
}

}  // namespace scanhost::bench
