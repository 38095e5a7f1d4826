// SPDX-License-Identifier: Apache-2.0
#include "host.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ending.hpp"
#include "files.hpp"

namespace scanhost::demo {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds command_patience{30};
constexpr std::chrono::seconds start_patience{60};
constexpr std::chrono::seconds stop_patience{15};

template <class Number>
std::optional<Number> number_in(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? std::optional(found->get<Number>()) : std::nullopt;
}

scanner_status scanner_of(const json& scanner) {
  auto totals = scanner.value("totals", json::object());
  totals["cycles"] = scanner.value("cycles", json());
  scanner_status status;
  status.name = scanner.value("name", "");
  status.plugin = scanner.value("plugin", "");
  status.state = scanner.value("state", "");
  for (const auto& [name, value] : counters)
    status.*value = number_in<std::uint64_t>(totals, name).value_or(0);
  status.backlog = number_in<std::uint64_t>(scanner, "backlog");
  status.oldest_overdue_ms = number_in<std::int64_t>(scanner, "oldest_overdue_ms");
  status.rate = number_in<double>(scanner, "processed_per_second").value_or(0);
  return status;
}

}  // namespace

std::optional<std::vector<scanner_status>> parse_status(std::string_view document) {
  const auto parsed = json::parse(document, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("scanners") || !parsed["scanners"].is_array())
    return std::nullopt;
  std::vector<scanner_status> scanners;
  for (const auto& scanner : parsed["scanners"]) {
    if (scanner.is_object()) scanners.push_back(scanner_of(scanner));
  }
  return scanners;
}

bool have_begun(const std::vector<scanner_status>& scanners, std::size_t count) {
  return scanners.size() == count && std::ranges::all_of(scanners, [](const scanner_status& scanner) {
           return scanner.cycles > 0 || scanner.state == "cycling";
         });
}

std::string config_text(const host_settings& settings) {
  // The plugins lie where whoever tries the demo built them, so their owner is not checked.
  constexpr auto form = R"(store: {{url: "unix://{}"}}
options: {{lanes: [default, gpu, batch]}}
plugins: {{path: ["{}"], staging: "{}", check_owner: false}}
admin: {{listen: {}, socket: control.sock}}
scanners:
{})";
  constexpr std::string_view walkers[] = {"flow_trimmer", "worker_registry_sweep"};
  std::string scanners;
  for (const auto& name : settings.scanners)
    scanners +=
        fmt::format("  {}: {{{}}}\n", name,
                    std::ranges::count(walkers, name) > 0 ? "page_size: 2000, budget: {pages: 100000}" : "");
  return fmt::format(form, settings.socket.string(), settings.plugin_folder.string(),
                     (settings.folder / "staging").string(), settings.listen, scanners);
}

std::string free_address() {
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool found = ::bind(probe, any, size) == 0 && ::getsockname(probe, any, &size) == 0;
  ::close(probe);
  if (!found) fail("127.0.0.1: no port is free for the status page; try --listen none");
  return fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
}

host::host(host_settings settings)
    : settings_(std::move(settings)),
      config_(settings_.folder / "demo.yaml"),
      log_(settings_.folder / "host.log") {
  write_file(config_, config_text(settings_));
}

std::optional<int> host::run_program(const std::vector<std::string>& arguments,
                                     const std::filesystem::path& output) const {
  std::vector<std::string> words{settings_.program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::filesystem::remove(output);
  return child_process(words, output).wait(command_patience);
}

void host::install_functions() {
  const auto output = settings_.folder / "functions.log";
  const auto code = run_program({"functions", "install", "--config", config_.string()}, output);
  if (code != 0)
    fail("scanhost functions install {}; its output ends with:\n{}",
         code ? fmt::format("ended with exit code {}", *code) : "does not end", tail_of(output));
}

void host::start() {
  process_.emplace(std::vector<std::string>{settings_.program.string(), "run", "--config", config_.string()},
                   log_);
  wait_until_ready(*process_, "the host", log_, start_patience, [this] {
    const auto scanners = status();
    return scanners && have_begun(*scanners, settings_.scanners.size());
  });
}

std::optional<std::vector<scanner_status>> host::status() const {
  const auto output = settings_.folder / "status.json";
  const auto socket = settings_.folder / "control.sock";
  if (run_program({"ctl", "--socket", socket.string(), "status", "--json"}, output) != 0) return std::nullopt;
  return parse_status(content_of(output));
}

bool host::stop() { return !process_ || process_->stop(stop_patience) == 0; }

std::string host::log_tail() const { return tail_of(log_); }

}  // namespace scanhost::demo
