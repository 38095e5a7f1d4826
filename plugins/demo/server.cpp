// SPDX-License-Identifier: Apache-2.0
#include "server.hpp"

#include <fmt/format.h>

#include <string_view>

#include "files.hpp"
#include "problem.hpp"

namespace scanhost::demo {
namespace {

constexpr std::chrono::seconds start_patience{20};
constexpr std::size_t max_socket_path_length = 107;  // sockaddr_un

std::filesystem::path server_program() {
  for (const std::string_view name : {"valkey-server", "redis-server"}) {
    if (auto found = find_in_path(name)) return *found;
  }
  throw problem(
      "neither valkey-server nor redis-server is in PATH; install one of them (apt install valkey-server, or apt install redis-server); its service need not run");
}

std::string value_of(std::string_view info, std::string_view name) {
  const auto label = std::string(name) + ":";
  const auto at = info.find(label);
  if (at == std::string_view::npos) return {};
  const auto from = at + label.size();
  return std::string(info.substr(from, info.find_first_of("\r\n", from) - from));
}

bool answers(const std::filesystem::path& socket) {
  try {
    return store(socket).ask({"PING"}).text == "PONG";
  } catch (const problem&) {
    return false;
  }
}

}  // namespace

server::server(const std::filesystem::path& folder) : socket_(folder / "store.sock") {
  const auto socket = socket_.string();
  if (socket.size() > max_socket_path_length)
    throw problem(fmt::format("{}: too long for a Unix socket; set TMPDIR to a shorter path", socket));
  const auto log = folder / "server.log";
  process_.emplace(
      std::vector<std::string>{server_program().string(), "--port", "0", "--unixsocket", socket,
                               "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--dir",
                               folder.string(), "--daemonize", "no", "--maxmemory", "0"},
      log);
  wait_until_ready(*process_, "the demo's server", log, start_patience, [&] { return answers(socket_); });
  const auto info = connect().ask({"INFO", "server"}).text;
  version_ = value_of(info, "valkey_version");
  name_ = version_.empty() ? "redis" : "valkey";
  if (version_.empty()) version_ = value_of(info, "redis_version");
}

}  // namespace scanhost::demo
