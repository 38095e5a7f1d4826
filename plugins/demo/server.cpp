// SPDX-License-Identifier: Apache-2.0
//
// Finding, starting and ending the server.
#include "server.hpp"

#include <string_view>

#include "files.hpp"
#include "interrupt.hpp"
#include "problem.hpp"

namespace scanhost::demo {
namespace {

constexpr std::chrono::seconds patience{20};
constexpr std::size_t max_socket_path_length = 107;  // sockaddr_un

std::filesystem::path program() {
  for (const std::string_view name : {"valkey-server", "redis-server"}) {
    if (auto found = find_in_path(name)) return *found;
  }
  throw problem(
      "neither valkey-server nor redis-server is in PATH; install one (apt install valkey-server, or apt install redis-server); its service need not run");
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
    return store(socket).batch({{"PING"}}).front().text == "PONG";
  } catch (const problem&) {
    return false;
  }
}

}  // namespace

server::server(const std::filesystem::path& folder) : socket_(folder / "store.sock") {
  if (socket_.string().size() > max_socket_path_length) {
    throw problem(socket_.string() + ": too long for a Unix socket; set TMPDIR to a shorter path");
  }
  const auto log = folder / "server.log";
  process_ = std::make_unique<child>(
      std::vector<std::string>{program().string(), "--port", "0", "--unixsocket", socket_.string(),
                               "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--dir",
                               folder.string(), "--daemonize", "no", "--maxmemory", "0"},
      log);
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!answers(socket_)) {
    if (!process_->running() || std::chrono::steady_clock::now() > until) {
      throw problem("the demo's server does not come up; its log says:\n" + tail_of(log, 10));
    }
    rest(std::chrono::milliseconds(20));
    if (interrupted()) throw problem("interrupted");
  }
  const auto info = connect().ask({"INFO", "server"}).text;
  version_ = value_of(info, "valkey_version");
  name_ = version_.empty() ? "redis" : "valkey";
  if (version_.empty()) version_ = value_of(info, "redis_version");
}

void server::stop() { process_->stop(std::chrono::seconds(10)); }

}  // namespace scanhost::demo
