// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <scanhost/detail/quantity.hpp>

#include "workload.hpp"

namespace scanhost::demo {
namespace {

constexpr int usage_error = 64;  // EX_USAGE
constexpr std::int64_t min_duration = 5000;

std::string set_duration(options& to, const std::string& text) {
  const auto parsed = detail::parse_duration(text);
  if (!parsed) return fmt::format("expected a duration such as 60s or 2m, found '{}'", text);
  if (parsed.value < min_duration || parsed.value > timing::max_runtime)
    return fmt::format("expected a duration from 5s to 4h, found '{}'", text);
  to.duration = std::chrono::milliseconds(parsed.value);
  return {};
}

std::string check_listen(const std::string& text) {
  const auto colon = text.rfind(':');
  if (text == "none") return {};
  const auto port =
      detail::parse_integer(std::string_view(text).substr(std::min(colon, text.size() - 1) + 1));
  if (port && port.value > 0 && port.value < 65'536 && CLI::ValidIPV4(text.substr(0, colon)).empty())
    return {};
  return fmt::format("expected ADDR:PORT with an IPv4 address, or none, found '{}'", text);
}

}  // namespace

parsed_options parse_options(int argc, const char* const* argv) {
  parsed_options parsed;
  auto& to = parsed.requested;
  std::string duration;
  CLI::App app(
      "Starts a private server, fills it with a realistic workload that comes due while it runs, lets the real host work on\n"
      "it, and checks every record at the end. Needs valkey-server or redis-server; touches no other server.",
      "scanhost demo");
  app.add_option("--duration", duration, "how long the host runs, such as 20s or 5m (default: 60s)")
      ->check([&](const std::string& text) { return set_duration(to, text); });
  app.add_option("--size", to.size, "executions in the workload")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
  app.add_flag("--json", to.json, "print one JSON object on standard output instead of a summary");
  app.add_option("--host", to.host, "the scanhost program (default: the one beside this program)");
  app.add_option("--plugins", to.plugins,
                 "the folder of the plugins; the workload has something for each plugin in it");
  app.add_option("--seed", to.seed, "the same seed makes the same records (default: a random one)");
  app.add_flag("--keep", to.keep, "keep the temporary directory with the logs");
  app.add_option("--listen", to.listen,
                 "ADDR:PORT of the host's status page, or none (default: a free port of 127.0.0.1)")
      ->check(check_listen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    parsed.exit = app.exit(stop) == 0 ? 0 : usage_error;
  }
  return parsed;
}

}  // namespace scanhost::demo
