// SPDX-License-Identifier: Apache-2.0
#include "commands/command_line.hpp"

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "boot/logging.hpp"
#include "commands/ctl_line.hpp"
#include "commands/output.hpp"
#include "commands/plugin_line.hpp"
#include "commands/requests.hpp"

namespace scanhost::commands {
namespace {

// Everything that options write into. One of the commands is chosen by the parser.
struct requests {
  run_request run;
  bool once = false;
  check_config_request check_config;
  plugin_requests plugin;
  functions_request functions;
  ctl_request ctl;
  std::string log_level = "info";
  std::string log_format = "auto";
  std::optional<base::exit_code> done;
};

constexpr const char* exit_codes =
    "Exit codes: 0 done, 1 it ran but what it looked at is not as it should be, 64 usage, 65 bad data, "
    "66 a file is missing, 69 the store or the host cannot be reached, or the store lacks functions, 70 a "
    "bug, 71 the system "
    "refused, "
    "77 not permitted, 78 configuration, 86 a stuck plugin was left behind at shutdown, 128+N ended by "
    "signal N.";

void add_log_options(CLI::App& command, requests& all) {
  command.add_option("--log-level", all.log_level, "trace, debug, info, warn, error or off")
      ->capture_default_str();
  command.add_option("--log-format", all.log_format, "auto (human on a terminal, else json), human or json")
      ->check(CLI::IsMember({"auto", "human", "json"}))
      ->capture_default_str();
}

base::result<void> start_logging(const requests& all) {
  const auto format = all.log_format == "human"  ? boot::log_format::human
                      : all.log_format == "json" ? boot::log_format::json
                                                 : boot::log_format::automatic;
  return boot::start_logging(all.log_level, format);
}

template <class Request>
CLI::Option* add_json(CLI::App& command, Request& request) {
  return command.add_flag("--json", request.json, "print JSON on standard output");
}

void add_run(CLI::App& app, requests& all) {
  auto& command =
      *app.add_subcommand("run", "run the configured scanners until a signal; or some cycles with --cycles");
  command.add_option("--config", all.run.config, "the configuration file")->required();
  auto* cycles = command
                     .add_option("--cycles", all.run.cycles,
                                 "run this many full cycles of each scanner, back to back, and exit")
                     ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  auto* once = command.add_flag("--once", all.once, "the same as --cycles 1")->excludes(cycles);
  auto* scanner = command.add_option("--scanner", all.run.scanners,
                                     "only this scanner, enabled or not; may be given again (with --cycles)");
  auto* json = add_json(command, all.run);
  add_log_options(command, all);
  command.callback([&all, scanner, json, cycles, once] {
    if (once->count() > 0) all.run.cycles = 1;
    if (cycles->count() + once->count() == 0 && scanner->count() + json->count() > 0)
      throw CLI::ValidationError("--scanner and --json go with --cycles or --once");
    all.done = run(all.run);
  });
}

void add_check_config(CLI::App& app, requests& all) {
  auto& command = *app.add_subcommand("check-config",
                                      "check a configuration file and say everything that is wrong with it");
  command.add_option("file", all.check_config.config, "the configuration file")->required();
  add_json(command, all.check_config);
  command.callback([&all] { all.done = check_config(all.check_config); });
}

void add_functions(CLI::App& app, requests& all) {
  auto& group = *app.add_subcommand("functions", "look after the server-side functions that plugins need");
  group.require_subcommand(1);
  auto& print = *group.add_subcommand("print", "print a whole function library");
  print.add_option("--plugins", all.functions.folders,
                   "a plugin folder; may be given again (default: the bundled ones)");
  print.callback([&all] { all.done = print_functions(all.functions); });
  auto& status = *group.add_subcommand("status", "say which functions the server has and which are missing");
  status.callback([&all] { all.done = show_functions(all.functions); });
  auto& install =
      *group.add_subcommand("install", "put our function library on the server, unless another one is there");
  install.callback([&all] { all.done = install_functions(all.functions); });
  for (auto* command : {&status, &install}) {
    command->add_option("--config", all.functions.config, "the configuration file")->required();
    add_json(*command, all.functions);
  }
  for (auto* command : {&print, &status, &install})
    command->add_option("--library", all.functions.library, "only this library");
}

void add_demo(CLI::App& app, requests& all) {
  auto& command =
      *app.add_subcommand("demo", "run the bundled scanners over a realistic workload on a private server");
  command.prefix_command();
  command.set_help_flag();  // the demo answers --help itself
  command.callback([&all, &command] { all.done = demo(command.remaining()); });
}

}  // namespace

int run_command_line(int argc, char** argv) {
  requests all;
  CLI::App app("scanhost sweeps a sharded Valkey or Redis keyspace through scanner plugins.", "scanhost");
  app.set_version_flag("--version", "scanhost " SCANHOST_VERSION);
  app.require_subcommand(1);
  app.footer(exit_codes);
  app.parse_complete_callback([&all] {
    if (auto started = start_logging(all); !started) throw CLI::ValidationError(started.error().message);
  });
  add_run(app, all);
  add_check_config(app, all);
  add_plugin(app, all.plugin, [&all](const auto& command) { all.done = command(); });
  add_functions(app, all);
  add_ctl(app, all.ctl, [&all] { all.done = ctl(all.ctl); });
  add_demo(app, all);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : static_cast<int>(base::exit_code::usage);
  }
  return static_cast<int>(all.done.value_or(base::exit_code::software));
}

}  // namespace scanhost::commands
