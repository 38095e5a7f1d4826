// SPDX-License-Identifier: Apache-2.0
#include "admin/routes.hpp"

#include "admin/host_check.hpp"
#include "admin/page.hpp"
#include "admin/readiness.hpp"
#include "admin/status_json.hpp"

namespace scanhost::admin {
namespace {

answer plain(unsigned status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text), false};
}

answer ready(const sources& from) {
  const auto reasons = reasons_not_ready(from.statuses(), from.not_ready());
  if (reasons.empty()) return plain(200, "ready\n");
  std::string text = "not ready\n";
  for (const auto& reason : reasons) text += reason + "\n";
  return plain(503, std::move(text));
}

answer answer_for(std::string_view path, const sources& from) {
  if (path == "/") return {200, "text/html; charset=utf-8", std::string(page()), false};
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", from.metrics(), false};
  if (path == "/healthz") return plain(200, "ok\n");
  if (path == "/readyz") return ready(from);
  if (path == "/status.json") return {200, "application/json", status_json(from.statuses()), false};
  return plain(404, "there is nothing here; there are /, /metrics, /healthz, /readyz and /status.json\n");
}

}  // namespace

answer route(const request& asked, const sources& from, const std::vector<std::string>& host_names) {
  if (asked.hosts.size() > 1 || (asked.needs_host && asked.hosts.empty()))
    return bad_request("a request needs one Host header");
  if (!asked.hosts.empty() && !host_allowed(asked.hosts.front(), host_names))
    return plain(
        403,
        "this server answers to IP addresses and localhost only, so that no other web site can read it "
        "through a browser; add the name that you used to admin.host_names\n");
  if (asked.method != "GET" && asked.method != "HEAD") {
    auto refusal = plain(405, "only GET and HEAD are possible\n");
    refusal.allow_methods = true;
    return refusal;
  }
  if (!asked.target.starts_with('/')) return bad_request("the target of a request must begin with /");
  // What stands behind a '?' changes nothing here.
  return answer_for(asked.target.substr(0, asked.target.find('?')), from);
}

answer bad_request(std::string_view why) { return plain(400, "bad request: " + std::string(why) + "\n"); }
answer body_not_allowed() { return plain(413, "a request must have no body\n"); }
answer header_too_large() { return plain(431, "the header of a request must not be longer than 8 KiB\n"); }
answer too_many_connections() { return plain(503, "there are too many connections; try again later\n"); }

}  // namespace scanhost::admin
