// SPDX-License-Identifier: Apache-2.0
#include "admin/control.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <utility>

namespace scanhost::admin {
namespace {

using base::exit_code;
constexpr std::string_view configured_level = "default";

using on_reloaded = reload::reloader::on_done;

control_answer refuse(exit_code code, std::string message) { return {code, std::move(message), {}}; }

// An answer is given once, so its function goes with it.
void answer_once(on_answer done, control_answer answer) { std::exchange(done, nullptr)(std::move(answer)); }

std::string set_paused(runner::scanner& scanner, bool paused) {
  scanner.set_paused(paused);
  return {};
}

std::string start_cycle(runner::scanner& scanner) {
  const auto status = scanner.status();
  if (status.paused) return "is paused; resume it first";
  if (status.blocked) return "does not run: " + status.last_error;
  scanner.run_now();
  return {};
}

}  // namespace

void control::pause(const arguments& scanners, on_answer done) {
  answer_once(std::move(done), for_each(scanners, "paused",
                                        [](runner::scanner& scanner) { return set_paused(scanner, true); }));
}

void control::resume(const arguments& scanners, on_answer done) {
  answer_once(std::move(done), for_each(scanners, "resumed",
                                        [](runner::scanner& scanner) { return set_paused(scanner, false); }));
}

void control::run_now(const arguments& scanners, on_answer done) {
  answer_once(std::move(done), for_each(scanners, "starts a cycle", start_cycle));
}

void control::set_log_level(const arguments& scanner_and_level, on_answer done) {
  const auto& name = scanner_and_level.back();
  const auto level = base::severity_of(name);
  if (!level && name != configured_level)
    return answer_once(std::move(done),
                       refuse(exit_code::usage, fmt::format("log-level: there is no level {}; use {}, or {}",
                                                            name, base::severity_names, configured_level)));
  const auto text = level ? fmt::format("logs from {} on", name) : "logs as configured";
  answer_once(std::move(done),
              for_each({scanner_and_level.front()}, text.c_str(), [&](runner::scanner& scanner) {
                scanner.set_log_level(level);
                return std::string();
              }));
}

void control::reload(const arguments& scanners, on_answer done) {
  const auto scope = scanners.empty() ? plan::read_scope::configuration : plan::read_scope::plugins;
  ask_reloader(std::move(done), [&](reload::reloader& reloads, on_reloaded answered) {
    reloads.reload(scope, scanners, std::move(answered));
  });
}

void control::plan(const arguments&, on_answer done) {
  ask_reloader(std::move(done),
               [](reload::reloader& reloads, on_reloaded answered) { reloads.plan(std::move(answered)); });
}

void control::roll_back(const arguments& scanner, on_answer done) {
  ask_reloader(std::move(done), [&](reload::reloader& reloads, on_reloaded answered) {
    reloads.roll_back(scanner.front(), std::move(answered));
  });
}

void control::list_blocked(const arguments&, on_answer done) {
  ask_reloader(std::move(done), [](reload::reloader& reloads, on_reloaded answered) {
    reloads.list_blocked(std::move(answered));
  });
}

void control::release(const arguments& sha256, on_answer done) {
  ask_reloader(std::move(done), [&](reload::reloader& reloads, on_reloaded answered) {
    reloads.release(sha256.front(), std::move(answered));
  });
}

control_answer control::for_each(const arguments& names, const char* done_text,
                                 const std::function<std::string(runner::scanner&)>& act) const {
  auto chosen = names.empty() ? scanners_.scanners() : std::vector<runner::roster::scanner_ptr>{};
  for (const auto& name : names) {
    auto scanner = scanners_.find(name);
    if (!scanner)
      return refuse(exit_code::usage, fmt::format("{}: no such scanner; see scanhost ctl status", name));
    chosen.push_back(std::move(scanner));
  }
  control_answer answer;
  for (const auto& scanner : chosen) {
    const auto problem = act(*scanner);
    answer.message += fmt::format("{} {}\n", scanner->name(), problem.empty() ? done_text : problem);
    if (!problem.empty()) answer.code = exit_code::failed;
  }
  return answer;
}

void control::ask_reloader(on_answer done, const std::function<void(reload::reloader&, on_reloaded)>& ask) {
  if (reloads_ == nullptr)
    return done(refuse(exit_code::unavailable, "the host is still starting, or already stopping; try again"));
  ask(*reloads_, [this, done = std::move(done)](const reload::answer& answered) {
    boost::asio::post(context_, [done, answer = control_answer{answered.code, answered.message,
                                                               answered.data}] { done(answer); });
  });
}

}  // namespace scanhost::admin
