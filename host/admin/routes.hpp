// SPDX-License-Identifier: Apache-2.0
//
// From a request to its answer, or to the command that the host is to perform first. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/control_request.hpp"
#include "admin/history.hpp"
#include "admin/host_status.hpp"
#include "admin/tokens.hpp"
#include "base/error.hpp"
#include "metrics/process_metrics.hpp"
#include "runner/record/failing_items.hpp"
#include "runner/record/status.hpp"

namespace scanhost::admin {

// Where the answers come from.
struct sources {
  std::function<std::string()> metrics;                           // in the text exposition format
  std::function<std::vector<runner::scanner_status>()> statuses;  // of the enabled scanners
  std::function<std::string()> not_ready;                         // why the host is not; empty: it is
  control_handler control = {};                                   // none: no command is performed
  std::function<metrics::process_usage()> process = {};           // none: the status does not show it
  const admin::history* history = nullptr;                        // none: there is none
  // Of the scanner of this name, or of all if it is empty; at most so many. None: there are no failures.
  std::function<base::result<runner::failure_list>(std::string_view, std::size_t)> failures = {};
  std::function<host_facts()> host = {};  // none: the status does not show it
  control_handler questions =
      {};  // for commands that change nothing and answer later; none: they are refused
  std::function<std::string()> peers = {};  // as peers::json gives it; none: there are none
};

// Who can have sent a request.
enum class peer {
  anybody,  // who reaches the TCP port: the commands of the page, each for one scanner
  owner     // root or the host's own user, over the control socket: every command
};

struct request {
  std::string_view method;
  std::string_view target;
  std::vector<std::string_view> hosts;       // each Host header
  bool needs_host = true;                    // from HTTP/1.1 on
  std::vector<std::string_view> marks = {};  // each X-Scanhost header
  peer from = peer::anybody;
  std::string_view by = {};  // who, for people: see control_request
  role as = role::commander;
};

struct answer {
  unsigned status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string_view allow = {};  // the methods that are allowed, where another one was used
  bool needs_token = false;     // the header WWW-Authenticate says how to send it
  // To be performed by sources::control; the answer to it is the answer to the request.
  std::optional<control_request> control = {};
  // The same, but by sources::questions: the data of its answer is the answer to the request.
  std::optional<control_request> question = {};
};

// `host_names`: names besides localhost and literal addresses that a Host header may have.
answer route(const request& asked, const sources& from, const std::vector<std::string>& host_names);

// The answer to a command as JSON: {"ok": true, "exit_code": 0, "message": "...", "data": ...}. exit_code is
// that of `scanhost ctl`; data is left out where there is none.
answer answer_of(const control_answer& reply);
answer answer_to_question(const control_answer& reply);

// Answers to requests that could not be read or may not be made.
answer bad_request(std::string_view reason);
answer body_not_allowed();
answer header_too_large(std::size_t max_size);
answer too_many_connections();
answer peer_not_allowed();

}  // namespace scanhost::admin
