// SPDX-License-Identifier: Apache-2.0
//
// The host as a whole, for its status: what it knows of itself, and what its scanners say of the store. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "reload/blocked_builds.hpp"
#include "reload/configuration_state.hpp"
#include "runner/record/status.hpp"

namespace scanhost::admin {

struct host_facts {
  std::string version;
  base::timestamp started{};
  base::timestamp now{};
  std::string store_url;    // as configured; contains no secrets
  std::string not_ready;    // why the host is not, apart from its scanners; empty: it has started
  std::string waiting_for;  // why the store could not be used when it was last asked during the start
  reload::configuration_state configuration;
  std::vector<reload::blocked_build> blocked_builds = {};
};

enum class store_availability {
  up,
  connecting,  // nothing is known to be wrong yet
  impaired,    // some scanners, some partitions or some commands are kept from it
  down         // for everybody
};

std::string_view to_text(store_availability availability) noexcept;

struct store_summary {
  store_availability availability = store_availability::connecting;
  std::string detail;  // what is wrong; empty: nothing is known to be
};

struct host_status {
  host_facts facts;
  bool ready = false;  // as /readyz says
  store_summary store;
};

host_status judge_host(host_facts facts, const std::vector<runner::scanner_status>& scanners);

}  // namespace scanhost::admin
