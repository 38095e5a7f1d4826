// SPDX-License-Identifier: Apache-2.0
//
// `scanhost ctl`: sends one command to a running host, over its control socket.
#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "admin/client.hpp"
#include "admin/control_path.hpp"
#include "base/environment.hpp"
#include "commands/ctl_explain.hpp"
#include "commands/ctl_failures.hpp"
#include "commands/ctl_status.hpp"
#include "commands/output.hpp"
#include "commands/requests.hpp"
#include "commands/terminal.hpp"
#include "commands/watch.hpp"
#include "config/load.hpp"

namespace scanhost::commands {
namespace {

namespace fs = std::filesystem;
using base::errc;

fs::path usual_socket() {
  return admin::control_socket_to_ask(base::process_environment, ::geteuid() == 0, [](const fs::path& file) {
    std::error_code ignored;
    return fs::exists(file, ignored);
  });
}

bool has_own_place() {
  return admin::default_control_socket(base::process_environment, ::geteuid() == 0).has_value();
}

// A host that this user started without a place for its socket cannot be reached, though it runs.
base::error explain(base::error problem, bool usual_place) {
  const bool not_there = problem.code == errc::unavailable || problem.code == errc::no_permission;
  if (usual_place && not_there && !has_own_place())
    problem.message += fmt::format("; a host of your own has no control socket: {}", admin::no_socket_place);
  return problem;
}

// A file with errors will do: they may be why the operator asks.
base::result<std::optional<fs::path>> configured_socket(const ctl_request& request) {
  if (request.socket) return std::optional(*request.socket);
  if (!request.config) return std::optional<fs::path>();
  const auto document = config::load_file(*request.config);
  if (!document) return document.error();
  const auto& admin = document->admin();
  if (!admin.socket_enabled)
    return base::fail(
        errc::config,
        fmt::format("{}: admin.socket is none, so a host with this configuration has no control socket",
                    request.config->string()));
  return admin.socket_configured ? std::optional(admin.socket) : std::nullopt;
}

std::string with_newline(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

// The output for scripts is JSON in every case.
std::string json_of(const admin::control_answer& answer) {
  if (!answer.data.empty()) return with_newline(answer.data);
  return outcome_json(answer.code, answer.message);
}

// With --json, errors are JSON on standard output, too.
base::exit_code report_as_asked(const ctl_request& request, const base::error& problem) {
  return request.json ? report_as_json(problem) : report(problem);
}

base::result<std::string> status_for(const ctl_request& request, const std::string& status_json,
                                     const terminal& screen) {
  return status_text(status_json,
                     {request.history, !request.arguments.empty(), screen.colors, screen.columns});
}

base::result<std::string> output_of(const ctl_request& request, const admin::control_answer& answer) {
  if (request.json) return json_of(answer);
  const bool fine = answer.code == base::exit_code::ok;
  if (fine && request.command == "status") return status_for(request, answer.data, standard_output());
  if (fine && request.command == "failures") return failures_text(answer.data);
  if (fine && request.command == "explain") return explain_text(answer.data);
  return fine ? with_newline(answer.message) : std::string();
}

base::result<admin::control_answer> ask(const ctl_request& request, const fs::path& socket,
                                        bool usual_place) {
  auto answer = admin::ask(socket, {request.command, request.arguments, request.options}, request.timeout);
  if (!answer) return explain(answer.error(), usual_place);
  return answer;
}

// The host refuses only what it does not know, such as a scanner that a reload has removed.
base::exit_code watch_status(const ctl_request& request, const fs::path& socket, bool usual_place) {
  return watch(*request.watch, [&](const terminal& screen) -> base::result<std::string> {
    const auto answer = ask(request, socket, usual_place);
    if (!answer) return answer.error();
    if (answer->code == base::exit_code::ok) return status_for(request, answer->data, screen);
    const bool is_busy = answer->code == base::exit_code::unavailable;
    return base::fail(is_busy ? errc::unavailable : errc::usage, answer->message);
  });
}

}  // namespace

base::exit_code ctl(const ctl_request& request) {
  const auto configured = configured_socket(request);
  if (!configured) return report_as_asked(request, configured.error());
  const auto socket = *configured ? **configured : usual_socket();
  if (request.watch) return watch_status(request, socket, !*configured);
  const auto answer = ask(request, socket, !*configured);
  if (!answer) return report_as_asked(request, answer.error());
  const auto text = output_of(request, *answer);
  if (!text) return report(text.error());
  if (auto printed = print(*text); !printed) return report(printed.error());
  if (answer->code != base::exit_code::ok && !request.json) report({errc::software, answer->message});
  return answer->code;
}

}  // namespace scanhost::commands
