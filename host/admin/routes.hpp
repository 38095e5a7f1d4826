// SPDX-License-Identifier: Apache-2.0
//
// From a request to its answer, or to what the host is to do first. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/control.hpp"
#include "runner/record/status.hpp"

namespace scanhost::admin {

// Where the answers come from.
struct sources {
  std::function<std::string()> metrics;                           // in the text exposition format
  std::function<std::vector<runner::scanner_status>()> statuses;  // of the enabled scanners
  std::function<std::string()> not_ready;                         // why the host is not; empty: it is
  // Does what the page's buttons ask for; none: the page has no buttons.
  control_handler control = {};
};

struct request {
  std::string_view method;
  std::string_view target;
  std::vector<std::string_view> hosts;       // each Host header
  bool needs_host = true;                    // from HTTP/1.1 on
  std::vector<std::string_view> marks = {};  // each X-Scanhost header
};

struct answer {
  unsigned status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string_view allow = {};  // the methods that are allowed, where another one was used
  // To be done by sources::control; what comes of it is the answer.
  std::optional<control_request> control = {};
};

// `host_names`: names besides localhost and literal addresses that a Host header may have.
answer route(const request& asked, const sources& from, const std::vector<std::string>& host_names);

// What came of a control request, as JSON: {"ok": true, "message": "..."}.
answer answer_of(const control_answer& reply);

// What is said to a request that could not be read.
answer bad_request(std::string_view why);
answer body_not_allowed();
answer header_too_large();
answer too_many_connections();

}  // namespace scanhost::admin
