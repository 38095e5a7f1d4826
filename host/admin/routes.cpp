// SPDX-License-Identifier: Apache-2.0
#include "admin/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "admin/commands.hpp"
#include "admin/failures_json.hpp"
#include "admin/history_json.hpp"
#include "admin/host_check.hpp"
#include "admin/page.hpp"
#include "admin/query.hpp"
#include "admin/readiness.hpp"
#include "admin/status_json.hpp"
#include "base/json.hpp"
#include "runner/roster.hpp"

namespace scanhost::admin {
namespace {

constexpr std::string_view control_folder = "/control/";
constexpr std::string_view explain_path = "/explain.json";
constexpr std::string_view failures_path = "/failures.json";
constexpr std::string_view history_path = "/history.json";
constexpr std::string_view status_path = "/status.json";
constexpr std::string_view no_peers = "{\"version\":1,\"peers\":[]}\n";

answer plain(unsigned status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text)};
}

answer only(std::string_view methods) {
  auto refusal = plain(405, fmt::format("only {} is possible here\n", methods));
  refusal.allow = methods;
  return refusal;
}

// A web site can make a browser send a request here, but with a header of its own only after the browser has
// asked for permission, which this server never gives.
bool from_another_site(const request& asked) {
  return asked.hosts.empty() || asked.marks != std::vector<std::string_view>{"1"};
}

bool known(const std::vector<runner::scanner_status>& scanners, std::string_view name) {
  return std::any_of(scanners.begin(), scanners.end(),
                     [&](const auto& scanner) { return scanner.name == name; });
}

// "pause/sweeper" is {"pause", "sweeper"}. Empty parts count: they are names that no scanner has.
std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    parts.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

answer token_needed(std::string text) {
  auto refusal = plain(401, std::move(text));
  refusal.needs_token = true;
  return refusal;
}

answer commands_of_the_owner_only() {
  return plain(403, "this command is possible over the control socket only; use scanhost ctl\n");
}

// Anybody may do what the page's buttons do, and no more. Nothing: it is allowed.
std::optional<answer> refuse_anybody(const command& entry, const std::vector<std::string>& arguments, role as,
                                     const sources& from) {
  if (entry.on_page == button::none || arguments.empty()) return commands_of_the_owner_only();
  if (!from.control)
    return plain(403, "commands are switched off here; set admin.control to true, or use scanhost ctl\n");
  if (as != role::commander)
    return token_needed(
        "a command needs the token of admin.operator_token_file: Authorization: Bearer TOKEN\n");
  if (arguments.size() > (entry.on_page == button::of_items ? 2 : 1))
    return plain(404, "the page names one scanner, item or build at a time\n");
  if (entry.on_page != button::of_build && !known(from.statuses(), arguments.front()))
    return plain(404, "there is no scanner of that name\n");
  return {};
}

// `path`: what follows /control/; `query`: what follows the '?'.
answer control_for(const request& asked, std::string_view path, std::string_view query, const sources& from) {
  auto parts = parts_of(path);
  const auto* entry = find_command(parts.front());
  if (entry == nullptr || !entry->target.starts_with(control_folder))
    return plain(404, fmt::format("there is no such command; the commands are {}\n", command_names()));
  if (asked.method != entry->method) return only(entry->method);
  if (entry->method != "GET" && from_another_site(asked))
    return plain(
        403,
        "a request that changes something needs the header X-Scanhost: 1, so that no web site can make a browser send it\n");
  parts.erase(parts.begin());
  if (asked.from == peer::anybody) {
    if (auto refusal = refuse_anybody(*entry, parts, asked.as, from)) return *std::move(refusal);
  }
  for (auto& part : parts) {
    auto decoded = decode_from_path(part);
    if (!decoded) return bad_request(decoded.error().message);
    part = std::move(*decoded);
  }
  auto options = parse_query(query);
  if (!options) return bad_request(options.error().message);
  if (const auto problem = unknown_option(*entry, *options); !problem.empty()) return bad_request(problem);
  answer to_perform;
  to_perform.control =
      control_request{std::string(entry->name), std::move(parts), std::move(*options), std::string(asked.by)};
  return to_perform;
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

answer ready(role as, const sources& from) {
  const auto reasons = reasons_not_ready(from.statuses(), from.not_ready());
  if (reasons.empty()) return plain(200, "ready\n");
  std::string text = "not ready\n";
  if (as == role::stranger) return plain(503, std::move(text));
  for (const auto& reason : reasons) text += reason + "\n";
  return plain(503, std::move(text));
}

// `name`: what follows /failures.json/, or nothing.
answer failures_for(std::string_view name, std::string_view query, const sources& from) {
  const auto options = parse_query(query);
  if (!options) return bad_request(options.error().message);
  if (const auto problem = unknown_option(*find_command("failures"), *options); !problem.empty())
    return bad_request(problem);
  const auto given = options->find("limit");
  const auto limit = given == options->end() ? base::result<std::size_t>(default_max_failures)
                                             : parse_failure_limit(given->second);
  if (!limit) return bad_request(limit.error().message);
  const auto scanner = decode_from_path(name);
  if (!scanner) return bad_request(scanner.error().message);
  const auto list = from.failures ? from.failures(*scanner, *limit)
                                  : base::result<runner::failure_list>(runner::failure_list{});
  if (!list) return plain(404, list.error().message + "\n");
  return {200, "application/json", failures_json(*list)};
}

// `encoded_item`: what follows /explain.json/.
answer explain_for(std::string_view encoded_item, const request& asked, std::string_view query,
                   const sources& from) {
  const auto options = parse_query(query);
  if (!options) return bad_request(options.error().message);
  if (const auto problem = unknown_option(*find_command("explain"), *options); !problem.empty())
    return bad_request(problem);
  auto item = decode_from_path(encoded_item);
  if (!item) return bad_request(item.error().message);
  if (!from.questions) return plain(503, "items are not explained here\n");
  answer to_ask;
  to_ask.question = control_request{"explain", {std::move(*item)}, *options, std::string(asked.by)};
  return to_ask;
}

// Why a configuration was refused can repeat values of the file, which are its owner's.
std::optional<host_status> host_for(peer whom, const std::vector<runner::scanner_status>& scanners,
                                    const sources& from) {
  if (!from.host) return std::nullopt;
  auto facts = from.host();
  if (whom != peer::owner) facts.configuration.reason.clear();
  return judge_host(std::move(facts), scanners);
}

std::string unknown_scanner(const std::vector<runner::scanner_status>& scanners, std::string_view name) {
  std::vector<std::string> names;
  names.reserve(scanners.size());
  for (const auto& scanner : scanners) names.push_back(scanner.name);
  return runner::explain_unknown_scanner(name, names);
}

command_access access_of(const request& asked, const sources& from) {
  if (!from.control) return command_access::none;
  return asked.as == role::commander ? command_access::granted : command_access::needs_token;
}

// `encoded_name`: what follows /status.json/; none: all scanners.
answer status_for(std::optional<std::string_view> encoded_name, const request& asked, const sources& from) {
  auto scanners = from.statuses();
  const auto host = host_for(asked.from, scanners, from);
  if (encoded_name) {
    const auto name = decode_from_path(*encoded_name);
    if (!name) return bad_request(name.error().message);
    if (!known(scanners, *name)) return plain(404, unknown_scanner(scanners, *name) + "\n");
    std::erase_if(scanners, [&](const auto& scanner) { return scanner.name != *name; });
  }
  return {200, "application/json",
          status_json(scanners, access_of(asked, from),
                      from.process ? std::optional(from.process()) : std::nullopt, host, from.history)};
}

// `encoded_name`: what follows /history.json/; none: all scanners.
answer history_for(std::optional<std::string_view> encoded_name, const sources& from) {
  static const history empty;
  const auto& hour = from.history != nullptr ? *from.history : empty;
  if (!encoded_name) return {200, "application/json", history_json(hour)};
  const auto name = decode_from_path(*encoded_name);
  if (!name) return bad_request(name.error().message);
  const auto scanners = from.statuses();
  if (!known(scanners, *name)) return plain(404, unknown_scanner(scanners, *name) + "\n");
  return {200, "application/json", history_json(hour, *name)};
}

// What follows `folder` and a slash; none: the path is another one.
std::optional<std::string_view> part_below(std::string_view path, std::string_view folder) {
  if (!path.starts_with(folder) || path.size() == folder.size() || path[folder.size()] != '/')
    return std::nullopt;
  return path.substr(folder.size() + 1);
}

// Nothing that these show is worth a token, and the page itself asks for one.
bool open_to_strangers(std::string_view path) {
  return path == "/" || path == "/healthz" || path == "/readyz";
}

answer answer_for(std::string_view path, std::string_view query, const request& asked, const sources& from) {
  if (asked.as == role::stranger && !open_to_strangers(path))
    return token_needed("this needs the token of admin.read_token_file: Authorization: Bearer TOKEN\n");
  if (path == "/") return {200, "text/html; charset=utf-8", std::string(page())};
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", from.metrics()};
  if (path == "/healthz") return plain(200, "ok\n");
  if (path == "/readyz") return ready(asked.as, from);
  if (path == status_path) return status_for({}, asked, from);
  if (const auto name = part_below(path, status_path)) return status_for(name, asked, from);
  if (path == history_path) return history_for({}, from);
  if (const auto name = part_below(path, history_path)) return history_for(*name, from);
  if (path == "/peers.json")
    return {200, "application/json", from.peers ? from.peers() : std::string(no_peers)};
  if (path == failures_path) return failures_for({}, query, from);
  if (const auto name = part_below(path, failures_path)) return failures_for(*name, query, from);
  if (const auto item = part_below(path, explain_path)) return explain_for(*item, asked, query, from);
  return plain(
      404,
      "there is nothing here; there are /, /metrics, /healthz, /readyz, /status.json, /failures.json, /explain.json/ITEM, /history.json and /peers.json\n");
}

}  // namespace

answer route(const request& asked, const sources& from, const std::vector<std::string>& host_names) {
  if (asked.hosts.size() > 1 || (asked.needs_host && asked.hosts.empty()))
    return bad_request("a request needs exactly one Host header");
  if (!asked.hosts.empty() && !host_allowed(asked.hosts.front(), host_names))
    return plain(
        403,
        "this server answers to IP addresses and localhost only, so that no web site can read it through a browser; add the name that you used to admin.host_names\n");
  const auto path = asked.target.substr(0, asked.target.find('?'));
  const auto query = asked.target.substr(std::min(path.size() + 1, asked.target.size()));
  if (path.starts_with(control_folder))
    return control_for(asked, path.substr(control_folder.size()), query, from);
  if (asked.method != "GET" && asked.method != "HEAD") return only("GET, HEAD");
  if (!asked.target.starts_with('/')) return bad_request("the target of a request must begin with /");
  return answer_for(path, query, asked, from);
}

answer answer_of(const control_answer& reply) {
  using json = nlohmann::ordered_json;
  json object{{"ok", reply.code == base::exit_code::ok},
              {"exit_code", static_cast<int>(reply.code)},
              {"message", reply.message}};
  if (!reply.data.empty()) object["data"] = json::parse(reply.data);
  return {status_of(reply.code), "application/json", base::json_line(object)};
}

answer answer_to_question(const control_answer& reply) {
  if (reply.code == base::exit_code::ok) return {200, "application/json", reply.data};
  return plain(status_of(reply.code), reply.message + "\n");
}

answer bad_request(std::string_view reason) { return plain(400, fmt::format("bad request: {}\n", reason)); }
answer body_not_allowed() { return plain(413, "a request must have no body\n"); }
answer header_too_large(std::size_t max_size) {
  return plain(431, fmt::format("the header of a request must not be longer than {} KiB\n", max_size / 1024));
}
answer too_many_connections() { return plain(503, "too many connections; try again later\n"); }
answer peer_not_allowed() {
  return plain(403, "the control socket is open to root and the user that the host runs as\n");
}

}  // namespace scanhost::admin
