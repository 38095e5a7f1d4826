// SPDX-License-Identifier: Apache-2.0
#include "admin/routes.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "admin/host_check.hpp"
#include "admin/page.hpp"
#include "admin/readiness.hpp"
#include "admin/status_json.hpp"

namespace scanhost::admin {
namespace {

constexpr std::string_view control_folder = "/control/";
constexpr std::array<std::string_view, 5> commands{"pause", "resume", "run-now", "reload", "rollback"};

answer plain(unsigned status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text)};
}

answer only(std::string_view methods) {
  auto refusal = plain(405, "only " + std::string(methods) + " is possible here\n");
  refusal.allow = methods;
  return refusal;
}

// A web site can make a browser send a request here, but with a header of its own only after it has asked
// for leave, which this server never gives.
bool from_another_site(const request& asked) {
  return asked.hosts.empty() || asked.marks != std::vector<std::string_view>{"1"};
}

bool known(const std::vector<runner::scanner_status>& scanners, std::string_view name) {
  return std::any_of(scanners.begin(), scanners.end(),
                     [&](const auto& scanner) { return scanner.name == name; });
}

// `what`: "pause/sweeper".
answer control_for(const request& asked, std::string_view what, const sources& from) {
  if (asked.method != "POST") return only("POST");
  if (!from.control)
    return plain(403, "this server changes nothing; set admin.control to true, or use scanhost ctl\n");
  if (from_another_site(asked))
    return plain(
        403,
        "a request that changes something needs the header X-Scanhost: 1, so that no other web site can have it sent by a browser\n");
  const auto slash = std::min(what.find('/'), what.size());
  const auto command = what.substr(0, slash), scanner = what.substr(std::min(slash + 1, what.size()));
  if (std::find(commands.begin(), commands.end(), command) == commands.end())
    return plain(404, "there is no such command; there are pause, resume, run-now, reload and rollback\n");
  if (!known(from.statuses(), scanner)) return plain(404, "there is no scanner of that name\n");
  answer to_do;
  to_do.control = control_request{std::string(command), {std::string(scanner)}};
  return to_do;
}

unsigned status_of(base::exit_code code) {
  switch (code) {
    case base::exit_code::ok:
      return 200;
    case base::exit_code::usage:
      return 400;
    case base::exit_code::no_permission:
      return 403;
    case base::exit_code::no_input:
      return 404;
    case base::exit_code::failed:
    case base::exit_code::data:
    case base::exit_code::config:
      return 409;  // refused, and nothing has changed
    case base::exit_code::unavailable:
      return 503;
    case base::exit_code::software:
    case base::exit_code::os:
    case base::exit_code::stuck:
      break;
  }
  return 500;
}

answer ready(const sources& from) {
  const auto reasons = reasons_not_ready(from.statuses(), from.not_ready());
  if (reasons.empty()) return plain(200, "ready\n");
  std::string text = "not ready\n";
  for (const auto& reason : reasons) text += reason + "\n";
  return plain(503, std::move(text));
}

answer answer_for(std::string_view path, const sources& from) {
  if (path == "/") return {200, "text/html; charset=utf-8", std::string(page())};
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", from.metrics()};
  if (path == "/healthz") return plain(200, "ok\n");
  if (path == "/readyz") return ready(from);
  if (path == "/status.json")
    return {200, "application/json", status_json(from.statuses(), static_cast<bool>(from.control))};
  return plain(404, "there is nothing here; there are /, /metrics, /healthz, /readyz and /status.json\n");
}

}  // namespace

answer route(const request& asked, const sources& from, const std::vector<std::string>& host_names) {
  if (asked.hosts.size() > 1 || (asked.needs_host && asked.hosts.empty()))
    return bad_request("a request needs one Host header");
  if (!asked.hosts.empty() && !host_allowed(asked.hosts.front(), host_names))
    return plain(
        403,
        "this server answers to IP addresses and localhost only, so that no other web site can read it through a browser; add the name that you used to admin.host_names\n");
  // What stands behind a '?' changes nothing here.
  const auto path = asked.target.substr(0, asked.target.find('?'));
  if (path.starts_with(control_folder)) return control_for(asked, path.substr(control_folder.size()), from);
  if (asked.method != "GET" && asked.method != "HEAD") return only("GET, HEAD");
  if (!asked.target.starts_with('/')) return bad_request("the target of a request must begin with /");
  return answer_for(path, from);
}

answer answer_of(const control_answer& reply) {
  using json = nlohmann::ordered_json;
  const json object{{"ok", reply.code == base::exit_code::ok}, {"message", reply.message}};
  return {status_of(reply.code), "application/json",
          object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"};
}

answer bad_request(std::string_view why) { return plain(400, "bad request: " + std::string(why) + "\n"); }
answer body_not_allowed() { return plain(413, "a request must have no body\n"); }
answer header_too_large() { return plain(431, "the header of a request must not be longer than 8 KiB\n"); }
answer too_many_connections() { return plain(503, "there are too many connections; try again later\n"); }

}  // namespace scanhost::admin
