// SPDX-License-Identifier: Apache-2.0
#include "boot/control.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "admin/status_json.hpp"

namespace scanhost::boot {
namespace {

using admin::control_answer;
using base::exit_code;

control_answer refuse(exit_code code, std::string message) { return {code, std::move(message), {}}; }

bool is_for_reloads(const std::string& command) {
  return command == "reload" || command == "plan" || command == "rollback" || command == "release" ||
         command == "blocked";
}

// Empty: they fit.
std::string wrong_arguments(const admin::control_request& request) {
  const auto count = request.arguments.size();
  const bool none = request.command == "status" || request.command == "plan" || request.command == "blocked";
  const bool single = request.command == "rollback" || request.command == "release";
  if (none && count != 0) return request.command + " takes no argument";
  if (single && count != 1) return request.command + " takes one argument";
  if (request.command == "run-now" && count == 0) return "run-now needs the names of scanners";
  return {};
}

}  // namespace

void control::handle(const admin::control_request& request, admin::control_reply reply) {
  const auto& command = request.command;
  if (const auto wrong = wrong_arguments(request); !wrong.empty())
    return reply(refuse(exit_code::usage, wrong));
  if (command == "status") return reply(status());
  if (command == "pause")
    return reply(for_each(request.arguments, true, "paused", [](runner::scanner& scanner) {
      scanner.pause(true);
      return std::string();
    }));
  if (command == "resume")
    return reply(for_each(request.arguments, true, "resumed", [](runner::scanner& scanner) {
      scanner.pause(false);
      return std::string();
    }));
  if (command == "run-now")
    return reply(for_each(request.arguments, false, "starts a cycle", [](runner::scanner& scanner) {
      const auto status = scanner.status();
      if (status.paused) return std::string("is paused; resume it first");
      if (status.held_back) return "does not run: " + status.last_error;
      scanner.run_now();
      return std::string();
    }));
  if (is_for_reloads(command)) return ask_reloads(request, std::move(reply));
  reply(refuse(
      exit_code::usage,
      command +
          ": this host knows no such command; it has status, reload, plan, rollback, pause, resume, run-now, release and blocked"));
}

control_answer control::status() const {
  return {exit_code::ok, {}, admin::status_json(scanners_.statuses())};
}

control_answer control::for_each(const std::vector<std::string>& names, bool all_when_empty, const char* done,
                                 const std::function<std::string(runner::scanner&)>& what) const {
  std::vector<runner::roster::scanner_ptr> meant;
  if (names.empty() && all_when_empty) meant = scanners_.scanners();
  for (const auto& name : names) {
    auto scanner = scanners_.find(name);
    if (!scanner)
      return refuse(exit_code::usage, name + ": there is no such scanner; see scanhost ctl status");
    meant.push_back(std::move(scanner));
  }
  control_answer answer;
  for (const auto& scanner : meant) {
    const auto refused = what(*scanner);
    answer.message += scanner->name() + " " + (refused.empty() ? done : refused) + "\n";
    if (!refused.empty()) answer.code = exit_code::failed;
  }
  return answer;
}

void control::ask_reloads(const admin::control_request& request, admin::control_reply reply) {
  if (reloads_ == nullptr)
    return reply(refuse(exit_code::unavailable, "the host is still starting (or stopping); try again"));
  const auto& command = request.command;
  const auto& arguments = request.arguments;
  if (command == "reload")
    return reloads_->reload(arguments.empty() ? plan::read_scope::configuration : plan::read_scope::plugins,
                            arguments, posted(std::move(reply)));
  if (command == "plan") return reloads_->plan(posted(std::move(reply)));
  if (command == "rollback") return reloads_->roll_back(arguments.front(), posted(std::move(reply)));
  if (command == "release") return reloads_->release(arguments.front(), posted(std::move(reply)));
  reloads_->list_blocked(posted(std::move(reply)));
}

reload::reloader::on_done control::posted(admin::control_reply reply) {
  return [this, reply = std::move(reply)](const reload::answer& answered) {
    boost::asio::post(context_, [reply, answer = control_answer{answered.code, answered.message,
                                                                answered.data}] { reply(answer); });
  };
}

}  // namespace scanhost::boot
