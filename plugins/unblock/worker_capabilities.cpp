// SPDX-License-Identifier: Apache-2.0
//
// Reading the workers, in pages and in small pipelines: the keys lie in slots of their own.
#include "unblock/worker_capabilities.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "common/keys.hpp"
#include "common/set_walk.hpp"
#include "common/tally.hpp"
#include "unblock/text.hpp"

namespace ff {
namespace {

constexpr std::uint32_t walk_page = 100;
constexpr std::size_t in_flight = 16;

void fail(worker_capabilities& workers, const scanhost::services& host, std::string_view why) {
  workers.status = worker_capabilities::state::failed;
  host.log(
      scanhost::log_level::warn,
      joined("the capabilities of the workers cannot be read, so every requirement counts as met: ", why));
}

// One pipeline of workers. False: stop.
scanhost::task<bool> read_workers(scanhost::scan_context& scan, std::vector<std::string> keys,
                                  worker_capabilities& workers, const scanhost::services& host) {
  scanhost::batch reads;
  for (const auto& key : keys) reads.add("GET", key).route(key);
  const auto answers = co_await scan.execute(std::move(reads));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto caps = answers[i];
    if (caps.cancelled()) {
      workers.status = worker_capabilities::state::cancelled;
      co_return false;
    }
    if (!caps.ok()) {
      fail(workers, host, joined(printable(keys[i]), ": ", printable(caps.message())));
      co_return false;
    }
    for_each_token(caps.reply().text(), [&](std::string_view token) {
      if (!token.empty()) workers.tokens.emplace(token);
      return true;
    });
  }
  co_return true;
}

}  // namespace

bool worker_capabilities::cover(std::string_view required) const {
  if (status != state::loaded) return status == state::failed;
  bool covered = true;
  for_each_token(required, [&](std::string_view token) {
    covered = token.empty() || tokens.contains(std::string(token));
    return covered;
  });
  return covered;
}

scanhost::task<worker_capabilities> load_worker_capabilities(scanhost::scan_context& scan,
                                                             scanhost::services host) {
  worker_capabilities workers;
  set_walk walk{std::string(workers_key), walk_page, std::string(workers_key)};
  while (walk.walking()) {
    const auto members = co_await walk.next(scan);
    for (std::size_t first = 0; first < members.size(); first += in_flight) {
      std::vector<std::string> keys;
      for (std::size_t i = first; i < std::min(first + in_flight, members.size()); ++i)
        keys.push_back(worker_caps_key(members[i]));
      if (!co_await read_workers(scan, std::move(keys), workers, host)) co_return workers;
    }
  }
  if (walk.ended() == set_walk::state::cancelled)
    workers.status = worker_capabilities::state::cancelled;
  else if (walk.ended() != set_walk::state::done)
    fail(workers, host, walk.message());
  co_return workers;
}

}  // namespace ff
