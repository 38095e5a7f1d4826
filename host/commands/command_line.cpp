// SPDX-License-Identifier: Apache-2.0
#include "commands/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "boot/logging.hpp"
#include "commands/completion.hpp"
#include "commands/ctl_line.hpp"
#include "commands/exit_codes.hpp"
#include "commands/manual_page.hpp"
#include "commands/output.hpp"
#include "commands/plugin_line.hpp"
#include "commands/requests.hpp"
#include "commands/unknown_words.hpp"

namespace scanhost::commands {
namespace {

// What the options write into. The parser chooses one of the commands.
struct requests {
  run_request run;
  bool once = false;
  check_config_request check_config;
  reference_request reference;
  plugin_requests plugin;
  functions_request functions;
  ctl_request ctl;
  std::string log_level = "info";
  std::string log_format = "auto";
  std::optional<base::exit_code> done;
};

void add_log_options(CLI::App& command, requests& command_requests) {
  command.add_option("--log-level", command_requests.log_level, "trace, debug, info, warn, error or off")
      ->capture_default_str();
  command
      .add_option("--log-format", command_requests.log_format,
                  "auto (human on a terminal, else json), human or json")
      ->check(CLI::IsMember({"auto", "human", "json"}))
      ->capture_default_str();
}

base::result<void> start_logging(const requests& command_requests) {
  const auto format = command_requests.log_format == "human"  ? boot::log_format::human
                      : command_requests.log_format == "json" ? boot::log_format::json
                                                              : boot::log_format::automatic;
  return boot::start_logging(command_requests.log_level, format);
}

base::exit_code print_text(const std::string& text) {
  auto printed = print(text);
  return printed ? base::exit_code::ok : report(printed.error());
}

template <class Request>
CLI::Option* add_json(CLI::App& command, Request& request) {
  return command.add_flag("--json", request.json, "print JSON on standard output");
}

void add_run(CLI::App& app, requests& command_requests) {
  auto& command = *app.add_subcommand(
      "run", "run the configured scanners until a signal, or a number of cycles with --cycles");
  command.add_option("--config", command_requests.run.config, "the configuration file")->required();
  auto* cycles = command
                     .add_option("--cycles", command_requests.run.cycles,
                                 "run this many full cycles of each scanner, back to back, and exit")
                     ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  auto* once = command.add_flag("--once", command_requests.once, "the same as --cycles 1")->excludes(cycles);
  auto* scanner = command.add_option("--scanner", command_requests.run.scanners,
                                     "only this scanner, enabled or not; may be given again (with --cycles)");
  command.add_flag("--dry-run", command_requests.run.dry_run,
                   "read the store, but hold back and count every command that may change it");
  auto* json = add_json(command, command_requests.run);
  add_log_options(command, command_requests);
  command.callback([&command_requests, scanner, json, cycles, once] {
    if (once->count() > 0) command_requests.run.cycles = 1;
    if (cycles->count() + once->count() == 0 && scanner->count() + json->count() > 0)
      throw CLI::ValidationError("--scanner and --json need --cycles or --once");
    command_requests.done = run(command_requests.run);
  });
}

void add_check_config(CLI::App& app, requests& command_requests) {
  auto& command = *app.add_subcommand(
      "check-config", "check a configuration file and report everything that is wrong with it");
  command.add_option("file", command_requests.check_config.config, "the configuration file")->required();
  add_json(command, command_requests.check_config);
  command.callback(
      [&command_requests] { command_requests.done = check_config(command_requests.check_config); });
}

void add_reference(CLI::App& app, requests& command_requests) {
  auto& request = command_requests.reference;
  auto& command = *app.add_subcommand(
      "reference", "print what each key of the configuration file means, or all commands and their options");
  command.add_flag("--commands", request.commands, "the commands instead of the configuration file");
  command.add_flag("--man", request.manual_page, "as the source of scanhost.yaml(5) or scanhost(1), for man");
  command.callback([&app, &command_requests, &request] {
    command_requests.done =
        !request.commands ? print_reference(request)
        : !request.manual_page
            ? print_text(app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::All))
            : print_text(to_manual_page(read_commands(app), SCANHOST_VERSION));
  });
}

void add_completion(CLI::App& app, requests& command_requests) {
  auto& command = *app.add_subcommand(
      "completion", "print what a shell needs to complete the commands and options of scanhost");
  auto* shell = command.add_option("shell", "bash, zsh or fish");
  shell->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command.callback([&app, &command_requests, shell] {
    const auto name = shell->as<std::string>();
    const auto program = read_commands(app);
    command_requests.done = print_text(name == "bash"  ? bash_completion(program)
                                       : name == "zsh" ? zsh_completion(program)
                                                       : fish_completion(program));
  });
}

void add_functions(CLI::App& app, requests& command_requests) {
  auto& group = *app.add_subcommand("functions",
                                    "print, check and install the server-side functions that plugins need");
  group.require_subcommand(1);
  auto& print = *group.add_subcommand("print", "print a whole function library");
  print.add_option("--plugins", command_requests.functions.folders,
                   "a plugin folder; may be given again (default: the bundled ones)");
  print.callback(
      [&command_requests] { command_requests.done = print_functions(command_requests.functions); });
  auto& status =
      *group.add_subcommand("status", "report which functions the server has and which are missing");
  status.callback(
      [&command_requests] { command_requests.done = show_functions(command_requests.functions); });
  auto& install = *group.add_subcommand(
      "install", "install our function library on the server, unless another one is there");
  install.callback(
      [&command_requests] { command_requests.done = install_functions(command_requests.functions); });
  for (auto* command : {&status, &install}) {
    command->add_option("--config", command_requests.functions.config, "the configuration file")->required();
    add_json(*command, command_requests.functions);
  }
  for (auto* command : {&print, &status, &install})
    command->add_option("--library", command_requests.functions.library, "only this library");
}

void add_demo(CLI::App& app, requests& command_requests) {
  auto& command =
      *app.add_subcommand("demo", "run the bundled scanners over a realistic workload on a private server");
  command.prefix_command();
  command.set_help_flag();  // the demo answers --help itself
  command.callback([&command_requests, &command] { command_requests.done = demo(command.remaining()); });
}

// `ctl ... --json` is for scripts, which get JSON also where the line is wrong.
bool asks_for_json(const std::vector<std::string_view>& words) {
  return !words.empty() && words.front() == "ctl" && std::ranges::count(words, "--json") > 0;
}

// --help and --version end the parsing, too.
int end_of_parsing(const CLI::App& app, const CLI::ParseError& problem,
                   const std::vector<std::string_view>& words) {
  const bool is_answer = problem.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
  const auto unknown = is_answer ? std::nullopt : explain_unknown_word(read_commands(app), words);
  if (!is_answer && asks_for_json(words))
    return static_cast<int>(report_as_json({base::errc::usage, unknown.value_or(problem.what())}));
  if (unknown) return static_cast<int>(report({base::errc::usage, *unknown}));
  return app.exit(problem) == 0 ? 0 : static_cast<int>(base::exit_code::usage);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  requests command_requests;
  CLI::App app("scanhost sweeps a sharded Valkey or Redis keyspace through scanner plugins.", "scanhost");
  app.set_version_flag("--version", "scanhost " SCANHOST_VERSION);
  app.require_subcommand(1);
  app.footer(exit_codes_text());
  app.parse_complete_callback([&command_requests] {
    if (auto started = start_logging(command_requests); !started)
      throw CLI::ValidationError(started.error().message);
  });
  add_run(app, command_requests);
  add_check_config(app, command_requests);
  add_reference(app, command_requests);
  add_completion(app, command_requests);
  add_plugin(app, command_requests.plugin,
             [&command_requests](const auto& command) { command_requests.done = command(); });
  add_functions(app, command_requests);
  add_ctl(app, command_requests.ctl,
          [&command_requests] { command_requests.done = ctl(command_requests.ctl); });
  add_demo(app, command_requests);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return end_of_parsing(app, problem, {argv + 1, argv + argc});
  }
  return static_cast<int>(command_requests.done.value_or(base::exit_code::software));
}

}  // namespace scanhost::commands
