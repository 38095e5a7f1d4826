// SPDX-License-Identifier: Apache-2.0
#include "admin/control.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "admin/explain_json.hpp"
#include "admin/item_questions.hpp"
#include "base/counted.hpp"
#include "base/escaped.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/redaction.hpp"
#include "base/time_text.hpp"
#include "config/quantity.hpp"

namespace scanhost::admin {
namespace {

using base::exit_code;
constexpr std::string_view configured_level = "default";
constexpr std::size_t max_item_size = 8192;
constexpr auto still_starting = "the host is still starting, or already stopping; try again";

using on_reloaded = reload::reloader::on_done;

control_answer refuse(exit_code code, std::string message) { return {code, std::move(message), {}}; }

// An answer is given once, so its function goes with it.
void answer_once(on_answer done, control_answer answer) { std::exchange(done, nullptr)(std::move(answer)); }

std::string start_cycle(runner::scanner& scanner) {
  const auto status = scanner.status();
  if (status.paused) return "is paused; resume it first";
  if (status.blocked) return "does not run: " + status.last_error;
  scanner.run_now();
  return {};
}

// An item may be given as it is or as `failures` lists it.
runner::retried_items retry_in_either_form(runner::scanner& scanner, const std::optional<std::string>& item) {
  auto found = scanner.retry(item);
  if (!item || found.failing > 0) return found;
  const auto bytes = base::unescaped(*item);
  return bytes == *item ? found : scanner.retry(bytes);
}

control_answer retry_items(runner::scanner& scanner, const std::optional<std::string>& item) {
  const auto found = retry_in_either_form(scanner, item);
  const auto& name = scanner.name();
  if (item && found.failing == 0)
    return refuse(exit_code::failed, fmt::format("{}: no item {} fails; see scanhost ctl failures {}", name,
                                                 config::in_quotes(*item), name));
  const auto next = scanner.paused()     ? "it is paused: they are tried when it is resumed"
                    : found.failing == 0 ? "no item fails"
                                         : "its next cycle starts now";
  return {
      exit_code::ok,
      fmt::format("{}: {} taken out of back-off; {}\n", name, base::counted(found.released, "item"), next),
      base::json_line(nlohmann::ordered_json{
          {"scanner", name}, {"failing", found.failing}, {"released", found.released}})};
}

}  // namespace

void control::pause(const control_request& request, on_answer done) {
  const auto option = [&](const char* name) {
    const auto found = request.options.find(name);
    return found == request.options.end() ? std::nullopt : std::optional(found->second);
  };
  auto checked = reload::check_pause({request.by, option("reason"), option("for")}, base::system_now());
  if (!checked) return answer_once(std::move(done), refuse(exit_code::usage, checked.error().message));
  if (auto refusal = check_names(request.arguments, {}); refusal.code != exit_code::ok)
    return answer_once(std::move(done), std::move(refusal));
  checked->reason = without_secrets(checked->reason);
  const auto text =
      checked->until ? "paused until " + base::utc_text(*checked->until) : std::string("paused");
  auto answer = for_each(request.arguments, text.c_str(), [&](runner::scanner& scanner) {
    pauses_.set(scanner.name(), *checked);
    scanner.set_paused(true, *checked);
    return std::string();
  });
  if (request.arguments.empty()) answer.message += "all scanners are paused; scanhost ctl resume ends that\n";
  answer_when_saved(std::move(done), std::move(answer));
}

// Without a name all scanners are meant, and all pauses of scanners that do not exist at present.
void control::resume(const control_request& request, on_answer done) {
  const auto kept = pauses_.entries();
  if (auto refusal = check_names(request.arguments, kept); refusal.code != exit_code::ok)
    return answer_once(std::move(done), std::move(refusal));
  auto names = request.arguments;
  if (names.empty()) {
    for (const auto& scanner : scanners_.scanners()) names.push_back(scanner->name());
    for (const auto& [name, pause] : kept)
      if (!scanners_.find(name)) names.push_back(name);
  }
  control_answer answer;
  for (const auto& name : names) {
    pauses_.end(name);
    const auto scanner = scanners_.find(name);
    if (scanner) scanner->set_paused(false, {request.by, {}, {}, {}});
    answer.message +=
        fmt::format("{} resumed{}\n", name, scanner ? "" : "; there is no such scanner at present");
  }
  answer_when_saved(std::move(done), std::move(answer));
}

void control::end_pauses(base::timestamp now) {
  const auto over = pauses_.end_those_over(now);
  for (const auto& [name, pause] : over) {
    const auto reason = "the time is over for which it was " + to_text(pause);
    if (const auto scanner = scanners_.find(name))
      scanner->set_paused(false, {{}, reason, {}, {}});
    else
      base::log(base::events::scanner_resumed, name, reason);
  }
  if (!over.empty() && reloads_ != nullptr) reloads_->save_pauses({});
}

control_answer control::check_names(const arguments& names, const reload::pause_entries& kept) const {
  if (reloads_ == nullptr) return refuse(exit_code::unavailable, still_starting);
  for (const auto& name : names)
    if (!scanners_.find(name) && !kept.contains(name))
      return refuse(exit_code::usage, scanners_.explain_unknown(name));
  return {};
}

// An operator may paste a secret by mistake, and everybody sees the status.
std::string control::without_secrets(const std::string& text) const {
  std::vector<base::secret> secrets;
  for (const auto& scanner : scanners_.scanners()) {
    const auto plan = scanner->plan();
    secrets.push_back(plan->store.password);
    for (const auto& [name, value] : plan->settings.secrets) secrets.push_back(value);
  }
  return base::redaction(secrets).apply(text);
}

void control::answer_when_saved(on_answer done, control_answer answer) {
  if (!pauses_.unsaved()) return answer_once(std::move(done), std::move(answer));
  ask_reloader(
      [done = std::move(done), answer = std::move(answer)](const control_answer& saved) {
        auto complete = answer;
        if (saved.code != exit_code::ok) {
          complete.code = saved.code;
          complete.message +=
              fmt::format("this will not last over a restart of the host: {}\n", saved.message);
        }
        done(std::move(complete));
      },
      [](reload::reloader& reloads, on_reloaded answered) { reloads.save_pauses(std::move(answered)); });
}

void control::run_now(const control_request& request, on_answer done) {
  answer_once(std::move(done), for_each(request.arguments, "starts a cycle", start_cycle));
}

void control::retry(const control_request& request, on_answer done) {
  const auto& name = request.arguments.front();
  const auto scanner = scanners_.find(name);
  if (!scanner)
    return answer_once(std::move(done), refuse(exit_code::usage, scanners_.explain_unknown(name)));
  std::optional<std::string> item;
  if (request.arguments.size() > 1) item = request.arguments.back();
  answer_once(std::move(done), retry_items(*scanner, item));
}

// An item may be given as it is or as `failures` lists it.
void control::explain(const control_request& request, on_answer done) {
  if (reloads_ == nullptr)
    return answer_once(std::move(done), refuse(exit_code::unavailable, still_starting));
  const auto item = base::unescaped(request.arguments.front());
  if (item.empty() || item.size() > max_item_size)
    return answer_once(std::move(done),
                       refuse(exit_code::usage, fmt::format("explain: an item has 1 to {} bytes, found {}",
                                                            max_item_size, item.size())));
  auto scanners = scanners_.scanners();
  if (const auto named = request.options.find("scanner"); named != request.options.end()) {
    const auto scanner = scanners_.find(named->second);
    if (!scanner)
      return answer_once(std::move(done), refuse(exit_code::usage, scanners_.explain_unknown(named->second)));
    scanners = {scanner};
  }
  ask_about_item(context_, scanners, item,
                 [item, done = std::move(done)](const std::vector<scanner_explanation>& explained) {
                   done({exit_code::ok, {}, explain_json(item, base::system_now(), explained)});
                 });
}

void control::set_log_level(const control_request& request, on_answer done) {
  const auto& name = request.arguments.back();
  const auto level = base::severity_of(name);
  if (!level && name != configured_level)
    return answer_once(std::move(done),
                       refuse(exit_code::usage, fmt::format("log-level: there is no level {}; use {}, or {}",
                                                            name, base::severity_names, configured_level)));
  const auto text = level ? fmt::format("logs from {} on", name) : "logs as configured";
  answer_once(std::move(done),
              for_each({request.arguments.front()}, text.c_str(), [&](runner::scanner& scanner) {
                scanner.set_log_level(level);
                return std::string();
              }));
}

void control::reload(const control_request& request, on_answer done) {
  const auto& scanners = request.arguments;
  const auto scope = scanners.empty() ? plan::read_scope::configuration : plan::read_scope::plugins;
  ask_reloader(std::move(done), [&](reload::reloader& reloads, on_reloaded answered) {
    reloads.reload(scope, scanners, std::move(answered));
  });
}

void control::plan(const control_request&, on_answer done) {
  ask_reloader(std::move(done),
               [](reload::reloader& reloads, on_reloaded answered) { reloads.plan(std::move(answered)); });
}

void control::roll_back(const control_request& request, on_answer done) {
  ask_reloader(std::move(done), [&](reload::reloader& reloads, on_reloaded answered) {
    reloads.roll_back(request.arguments.front(), std::move(answered));
  });
}

void control::list_blocked(const control_request&, on_answer done) {
  ask_reloader(std::move(done), [](reload::reloader& reloads, on_reloaded answered) {
    reloads.list_blocked(std::move(answered));
  });
}

void control::release(const control_request& request, on_answer done) {
  ask_reloader(std::move(done), [&](reload::reloader& reloads, on_reloaded answered) {
    reloads.release(request.arguments.front(), std::move(answered));
  });
}

control_answer control::for_each(const arguments& names, const char* done_text,
                                 const std::function<std::string(runner::scanner&)>& act) const {
  if (reloads_ == nullptr) return refuse(exit_code::unavailable, still_starting);
  auto chosen = names.empty() ? scanners_.scanners() : std::vector<runner::roster::scanner_ptr>{};
  for (const auto& name : names) {
    auto scanner = scanners_.find(name);
    if (!scanner) return refuse(exit_code::usage, scanners_.explain_unknown(name));
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
  if (reloads_ == nullptr) return done(refuse(exit_code::unavailable, still_starting));
  ask(*reloads_, [this, done = std::move(done)](const reload::answer& answered) {
    boost::asio::post(context_, [done, answer = control_answer{answered.code, answered.message,
                                                               answered.data}] { done(answer); });
  });
}

}  // namespace scanhost::admin
