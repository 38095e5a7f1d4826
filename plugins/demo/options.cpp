// SPDX-License-Identifier: Apache-2.0
//
// The command line, read by CLI11.
#include "options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>

#include "timing.hpp"

namespace scanhost::demo {
namespace {

constexpr int usage_error = 64;  // EX_USAGE
constexpr std::chrono::seconds shortest{5};
constexpr std::chrono::milliseconds longest{timing::max_runtime};

std::optional<std::int64_t> unit_of(std::string_view name) {
  if (name == "ms") return 1;
  if (name == "s" || name.empty()) return 1000;
  if (name == "m") return 60'000;
  if (name == "h") return 3'600'000;
  return std::nullopt;
}

std::string set_duration(options& to, const std::string& text) {
  const auto parsed = parse_duration(text);
  if (!parsed) return "'" + text + "' is not a duration; write 60s, 2m or 90000ms";
  if (*parsed > longest) return "'" + text + "' is too long; at most 4h";
  if (*parsed < shortest) return "'" + text + "' is too short; the workload needs at least 5s";
  to.duration = *parsed;
  return {};
}

std::string set_listen(options& to, const std::string& text) {
  to.no_listen = text == "none";
  if (to.no_listen) return {};
  to.listen = parse_endpoint(text);
  return to.listen ? std::string() : "'" + text + "' is neither ADDR:PORT with an IPv4 address nor none";
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t whole = 0;
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failed != std::errc() || count < 0 || count > 1'000'000'000) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto unit = unit_of(text.substr(0, text.find_first_of("0123456789")));
    if (!unit) return std::nullopt;
    whole += count * *unit;
    text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  }
  return std::chrono::milliseconds(whole);
}

parsed_options parse_options(int argc, const char* const* argv) {
  parsed_options parsed;
  auto& to = parsed.requested;
  std::string duration, listen;
  CLI::App app(
      "Starts a private server, fills it with a realistic workload that comes due while it runs, lets the real host work on\n"
      "it, and checks every record at the end. Needs valkey-server or redis-server; touches no other server.",
      "scanhost demo");
  app.add_option("--duration", duration, "how long the host runs, 60s by default")
      ->check([&](const std::string& text) { return set_duration(to, text); });
  app.add_option("--size", to.size, "executions in the workload")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}));
  app.add_flag("--json", to.json, "print one JSON object on standard output instead of a summary");
  app.add_option("--host", to.host, "the scanhost program; default: the one beside this");
  app.add_option("--plugins", to.plugins, "the folder of the plugins; those in it decide about the workload");
  app.add_option("--seed", to.seed, "the same seed makes the same records");
  app.add_flag("--keep", to.keep, "leave the temporary directory with the logs");
  app.add_option("--listen", listen,
                 "ADDR:PORT of the host's status page, or none; default: a free port of 127.0.0.1")
      ->check([&](const std::string& text) { return set_listen(to, text); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    parsed.exit = app.exit(stop) == 0 ? 0 : usage_error;
  }
  return parsed;
}

}  // namespace scanhost::demo
