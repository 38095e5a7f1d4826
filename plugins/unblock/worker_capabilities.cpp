// SPDX-License-Identifier: Apache-2.0
#include "unblock/worker_capabilities.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "common/keys.hpp"
#include "common/set_walk.hpp"
#include "common/tally.hpp"
#include "unblock/text.hpp"

namespace ff {
namespace {

constexpr std::uint32_t walk_page = 100;
constexpr std::size_t in_flight = 16;

// How the capabilities of one worker are read.
using read_of = std::function<scanhost::command(std::string_view instance)>;

void fail(worker_capabilities& workers, std::string problem) {
  workers.status = worker_capabilities::state::failed;
  workers.problem = std::move(problem);
}

bool has(const worker_capabilities* workers, const std::string& token) {
  return workers != nullptr && workers->tokens.contains(token);
}

// One pipeline of workers. False: stop.
scanhost::task<bool> read_workers(scanhost::scan_context& scan, std::vector<std::string> instances,
                                  const read_of& read, worker_capabilities& workers) {
  scanhost::batch reads;
  for (const auto& instance : instances) reads.add(read(instance));
  const auto answers = co_await scan.execute(std::move(reads));
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const auto caps = answers[i];
    if (caps.cancelled()) {
      workers.status = worker_capabilities::state::cancelled;
      co_return false;
    }
    if (!caps.ok()) {
      fail(workers, joined("worker ", printable(instances[i]), ": ", printable(caps.message())));
      co_return false;
    }
    for_each_token(caps.reply().text(), [&](std::string_view token) {
      if (!token.empty()) workers.tokens.emplace(token);
      return true;
    });
  }
  co_return true;
}

scanhost::task<worker_capabilities> load_registry(scanhost::scan_context& scan, std::string index,
                                                  read_of read) {
  worker_capabilities workers;
  set_walk walk{index, walk_page, index};
  while (walk.walking()) {
    const auto instances = co_await walk.next(scan);
    for (std::size_t first = 0; first < instances.size(); first += in_flight) {
      const auto last = std::min(first + in_flight, instances.size());
      std::vector<std::string> part(instances.begin() + static_cast<std::ptrdiff_t>(first),
                                    instances.begin() + static_cast<std::ptrdiff_t>(last));
      if (!co_await read_workers(scan, std::move(part), read, workers)) co_return workers;
    }
  }
  if (walk.ended() == set_walk::state::cancelled)
    workers.status = worker_capabilities::state::cancelled;
  else if (walk.ended() != set_walk::state::done)
    fail(workers, walk.message());
  co_return workers;
}

}  // namespace

bool cover(std::string_view required, const worker_capabilities* first, const worker_capabilities* second) {
  bool covered = true;
  for_each_token(required, [&](std::string_view token) {
    const std::string name(token);
    covered = name.empty() || has(first, name) || has(second, name);
    return covered;
  });
  return covered;
}

scanhost::task<worker_capabilities> load_global_workers(scanhost::scan_context& scan) {
  return load_registry(scan, std::string(workers_key), [](std::string_view instance) {
    const auto key = worker_caps_key(instance);
    scanhost::command read("GET", key);
    read.route(key);
    return read;
  });
}

scanhost::task<worker_capabilities> load_workers_of(scanhost::scan_context& scan, std::string space) {
  auto index = workers_key_of(space);
  return load_registry(scan, std::move(index), [space = std::move(space)](std::string_view instance) {
    const auto key = worker_caps_key_of(space, instance);
    scanhost::command read("HGET", key, "caps_csv");
    read.route(key);
    return read;
  });
}

}  // namespace ff
