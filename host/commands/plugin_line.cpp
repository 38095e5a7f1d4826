// SPDX-License-Identifier: Apache-2.0
#include "commands/plugin_line.hpp"

#include <CLI/CLI.hpp>

#include "commands/duration_option.hpp"
#include "scaffold/scaffold.hpp"
#include "verify/verify.hpp"

namespace scanhost::commands {
namespace {

using choose = std::function<void(std::function<base::exit_code()>)>;

template <class Request>
void add_common(CLI::App& command, Request& request) {
  command.add_option("--plugins", request.folders,
                     "a plugin folder; may be given again (default: the bundled ones)");
  command.add_option(
      "--config", request.config,
      "a configuration file, for plugins.allow_needed, and plugins.path where no folder is given");
  command.add_flag("--json", request.json, "print JSON on standard output");
}

void add_list(CLI::App& group, plugin_requests& requests, const choose& chosen) {
  auto& command =
      *group.add_subcommand("list", "list the plugins of the folders, and why others are refused");
  add_common(command, requests.look);
  command.callback([&requests, chosen] { chosen([&requests] { return list_plugins(requests.look); }); });
}

void add_describe(CLI::App& group, plugin_requests& requests, const choose& chosen) {
  auto& command = *group.add_subcommand(
      "describe", "print what a plugin says about itself: version, requirements, options");
  auto& request = requests.look;
  command.add_option("plugin", request.plugin,
                     "a file, or the name of a plugin in the folders (with --acl and --config it may be left "
                     "out: all scanners of the file count)");
  add_common(command, request);
  auto& acl = *command.add_flag(
      "--acl", request.acl,
      "print the least user that runs it: an ACL SETUSER command for the server, with the reason for each rule");
  command.add_flag("--cluster", request.cluster, "the user is that of a cluster")->needs(&acl);
  command.callback([&request, chosen] {
    if (!request.acl && request.plugin.empty()) throw CLI::RequiredError("plugin");
    chosen([&request] { return request.acl ? print_server_user(request) : describe_plugin(request); });
  });
}

void add_verify(CLI::App& group, plugin_requests& requests, const choose& chosen) {
  auto& request = requests.verify;
  auto& command = *group.add_subcommand(
      "verify",
      "check that a plugin follows the rules of the SDK, each check in a process of its own. The checks need no store, and call its scans thousands of times: a plugin with effects of its own (requests to another service, files) has to hold them back unless the host's mode is `run`");
  command.add_option("plugin", request.plugin,
                     "a file, or the name of a plugin in the folders (default: the plugin of --scanner)");
  add_common(command, request);
  command
      .add_option("--option", request.options,
                  "NAME=VALUE, as in YAML; may be given again, for a list once for each element; a secret as "
                  "NAME_file=FILE or NAME_env=VARIABLE. Required options without a value get an invented one")
      ->allow_extra_args(false);
  command.add_option("--scanner", request.scanner, "take the options of this scanner of --config");
  command.add_option(
      "--before", request.before,
      "a file of commands, one a line as redis-cli reads them, that fill the store of the checks (default: it holds what the plugin asks for)");
  command.add_option("--check", request.checks, "only this check; may be given again")
      ->check(CLI::IsMember(verify::check_names()));
  add_duration(command, "--limit", "how long each check may take (default: 20s)",
               [&request](base::milliseconds limit) { request.limit = limit; });
  command.callback([&requests, chosen] { chosen([&requests] { return verify_plugin(requests.verify); }); });
}

void add_new(CLI::App& group, plugin_requests& requests, const choose& chosen) {
  auto& request = requests.create;
  auto& command = *group.add_subcommand(
      "new", "create a folder with a small scanner that builds and passes its tests and `plugin verify`");
  command.add_option("name", request.name, "the name of the plugin: lower-case letters, digits and _")
      ->required();
  command.add_option("--lang", request.language, "the language of the plugin")
      ->check(CLI::IsMember(scaffold::languages()))
      ->capture_default_str();
  command.add_option("--into", request.folder, "the folder to create (default: NAME, in the current folder)");
  command.callback([&requests, chosen] { chosen([&requests] { return new_plugin(requests.create); }); });
}

}  // namespace

void add_plugin(CLI::App& app, plugin_requests& requests, const choose& chosen) {
  auto& group = *app.add_subcommand("plugin", "list, describe and check plugins, and create a new one");
  group.require_subcommand(1);
  group.footer(
      "Before the host uses a plugin it tries it in a child process: `scanhost --probe FILE`. To debug a plugin that is refused, run that command yourself, as in `gdb --args scanhost --probe FILE`; it prints each step and what it found as JSON.");
  add_list(group, requests, chosen);
  add_describe(group, requests, chosen);
  add_verify(group, requests, chosen);
  add_new(group, requests, chosen);
}

}  // namespace scanhost::commands
