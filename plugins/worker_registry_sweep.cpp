// SPDX-License-Identifier: Apache-2.0
//
// worker_registry_sweep: finds workers that are dead but still listed in the registry of their namespace,
// which nothing else ever shortens.
//
// Finds: members of `ff:idx:<namespace>:workers`, the whole set, of the namespace that the option names, or
// of all
//        whose registries are found in the keyspace, which is walked with SCAN, some pages in every cycle.
// Does:  takes the instances that are dead out of the registry, and deletes what they said they can do.
// Leaves alone: instances whose `alive` key exists; those whose last heartbeat is younger than `dead_after`,
// or
//        not readable; the global registry of older engines, which knows no sign of life.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/explained.hpp"
#include "common/family.hpp"
#include "common/guarded_write.hpp"
#include "common/keys.hpp"
#include "common/paced_walk.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

constexpr std::string_view registry_prefix = "ff:idx:", registry_suffix = ":workers";

// KEYS: alive, capabilities, the registry. ARGV: the last heartbeat as read (empty: none), the instance. A
// worker that comes back registers again in one step with all three keys, so it is never taken out while it
// lives.
constexpr std::string_view take_out = R"lua(
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
if (redis.call('HGET', KEYS[2], 'last_heartbeat_ms') or '') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
return redis.call('SREM', KEYS[3], ARGV[2])
)lua";

// A worker without the key that shows it alive.
struct silent_worker {
  std::string instance;
  std::string heartbeat = {};  // text of the field; empty where it is absent
};

std::optional<std::string> namespace_of(std::string_view key) {
  if (!key.starts_with(registry_prefix) || !key.ends_with(registry_suffix)) return std::nullopt;
  if (key.size() <= registry_prefix.size() + registry_suffix.size()) return std::nullopt;
  return std::string(
      key.substr(registry_prefix.size(), key.size() - registry_prefix.size() - registry_suffix.size()));
}

}  // namespace

class worker_registry_sweep : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("worker_registry_sweep", "takes dead workers out of the registries of namespaces",
                        std::chrono::seconds(60), 500, {.name = "node"});
    add_options(
        me, {{.name = "namespace",
              .help = "sweep only the registry of this namespace; empty: all that are found in the keyspace"},
             {.name = "instance_tag", .help = "accepted, and ignored: workers have no tags"},
             {.name = "dead_after",
              .type = scanhost::option_type::duration,
              .default_value = "5m",
              .help = "how long after its last heartbeat a worker without a sign of life counts as dead"}});
    return me;
  }

  explicit worker_registry_sweep(scanhost::services host)
      : host_(host), namespace_(host.text("namespace")), dead_after_(host.duration("dead_after")) {}

  task<scanhost::result> scan(scan_context& scan) override {
    tally counts(host_, scan);
    auto& here = nodes_[scan.index()];
    if (namespace_.empty())
      co_await search(scan, here, counts);
    else if (scan.index() == 0)  // once, and not once for each node
      here.registries.try_emplace(namespace_);
    std::uint32_t pass = 0;
    for (auto registry = here.registries.begin(); registry != here.registries.end() && !counts.cancelled();) {
      const bool is_empty = co_await sweep(scan, registry->first, registry->second, ++pass, counts);
      registry = is_empty ? here.registries.erase(registry) : std::next(registry);
    }
    co_return counts.result();
  }

  // An item is the instance of a worker.
  task<void> explain(scan_context& scan, scanhost::explanation& item) override {
    using scanhost::standing;
    std::vector<std::string> names;
    if (!namespace_.empty())
      names.push_back(namespace_);
    else
      for (const auto& [name, place] : nodes_[scan.index()].registries) names.push_back(name);
    const std::string instance(item.name());
    scanhost::batch reads;
    for (const auto& name : names)
      reads.add("SISMEMBER", workers_key_of(name), instance).route(workers_key_of(name)).about(instance);
    const auto answers = co_await scan.execute(std::move(reads));
    bool is_somewhere = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (answers[i].ok() && answers[i].reply().integer() == 0) continue;
      is_somewhere = true;
      auto judged = unreadable("reading the registry", answers[i], workers_key_of(names[i]));
      if (answers[i].ok()) judged = co_await explain_worker(scan, names[i], instance);
      item.add(judged);
    }
    if (!is_somewhere)
      item.add(standing::not_here, joined("it is in none of the ", std::to_string(names.size()),
                                          " registries of namespaces that are known by now"));
  }
  // The registry of a namespace that is configured is looked after from the first node.
  std::optional<std::uint32_t> find_partition(std::string_view, std::uint32_t) const override {
    return namespace_.empty() ? std::nullopt : std::optional<std::uint32_t>(0);
  }

 private:
  task<scanhost::finding> explain_worker(scan_context& scan, const std::string& name,
                                         const std::string& instance) const {
    using scanhost::standing;
    const auto registry = workers_key_of(name), alive = worker_alive_key_of(name, instance),
               caps = worker_caps_key_of(name, instance);
    scanhost::batch reads;
    reads.add("EXISTS", alive).route(alive).about(instance);
    reads.add("HMGET", caps, "last_heartbeat_ms", "worker_id").route(caps).about(instance);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (!answers[i].ok()) co_return unreadable("reading its sign of life", answers[i], registry);
    if (answers[0].reply().integer() == 1)
      co_return found(standing::in_order, "the worker is alive", registry);
    if (answers[1][0].is_nil() && answers[1][1].is_nil())
      co_return found(standing::due, "the worker is dead and has no capabilities: it is taken out", registry);
    const auto heartbeat = scanhost::parse_integer<std::int64_t>(answers[1][0].text());
    if (!heartbeat)
      co_return found(standing::malformed, "its last_heartbeat_ms is no time: it is kept", registry);
    auto judged = found(standing::due, "the worker is dead: the next scan takes it out", registry);
    judged.due = scanhost::from_ms(*heartbeat) + dead_after_;
    if (*judged.due > scan.now()) {
      judged.where = standing::waiting;
      judged.reason = "the worker shows no sign of life; it counts as dead after `dead_after`";
    }
    co_return judged;
  }

  struct node {
    walk_place search;
    std::map<std::string, walk_place> registries;  // by namespace
  };

  task<void> search(scan_context& scan, node& here, tally& counts) const {
    paced_walk walk(scan, counts, here.search, scan.pass(0),
                    set_walk::over_keys(joined(registry_prefix, "*", registry_suffix), host_.page_size()));
    while (co_await walk.next()) {
      for (const auto& key : walk.members())
        if (auto name = namespace_of(key)) here.registries.try_emplace(std::move(*name));
      walk.members().clear();
    }
  }

  // True: the registry has no members.
  task<bool> sweep(scan_context& scan, const std::string& name, walk_place& place, std::uint32_t pass,
                   tally& counts) const {
    const auto registry = workers_key_of(name);
    paced_walk walk(scan, counts, place, scan.pass(pass), set_walk(registry, host_.page_size(), registry));
    bool is_empty = true;
    while (co_await walk.next()) {
      is_empty = false;
      const auto size = std::min<std::size_t>(walk.allowance(), walk.members().size());
      const auto end = walk.members().begin() + static_cast<std::ptrdiff_t>(size);
      std::vector<std::string> instances(walk.members().begin(), end);
      walk.members().erase(walk.members().begin(), end);
      auto silent = co_await find_silent(scan, name, std::move(instances), counts);
      walk.note_acted_on(co_await take_out_dead(scan, name, std::move(silent), counts));
    }
    co_return is_empty&& walk.has_seen_all();
  }

  task<std::vector<silent_worker>> find_silent(scan_context& scan, const std::string& name,
                                               std::vector<std::string> instances, tally& counts) const {
    scanhost::batch questions;
    for (const auto& instance : instances) {
      const auto alive = worker_alive_key_of(name, instance);
      questions.add("EXISTS", alive).route(alive).about(instance);
    }
    const auto answers = co_await scan.execute(std::move(questions));
    std::vector<silent_worker> silent;
    for (std::size_t i = 0; i < instances.size() && !counts.cancelled(); ++i) {
      if (!answers[i].ok())
        fail(name, instances[i], "looking for its sign of life", answers[i], counts);
      else if (answers[i].reply().integer() == 0)
        silent.push_back({std::move(instances[i])});
    }
    co_return silent;
  }

  // Yields how many were acted on.
  task<std::uint32_t> take_out_dead(scan_context& scan, const std::string& name,
                                    std::vector<silent_worker> silent, tally& counts) const {
    scanhost::batch reads;
    for (const auto& worker : silent) {
      const auto caps = worker_caps_key_of(name, worker.instance);
      reads.add("HMGET", caps, "last_heartbeat_ms", "worker_id").route(caps).about(worker.instance);
    }
    const auto answers = co_await scan.execute(std::move(reads));
    scanhost::batch writes;
    std::vector<const silent_worker*> dead;
    for (std::size_t i = 0; i < silent.size() && !counts.cancelled(); ++i) {
      if (!is_dead(scan, name, silent[i], answers[i], counts)) continue;
      writes.add(write_for(name, silent[i]));
      dead.push_back(&silent[i]);
    }
    const auto written = co_await scan.execute(std::move(writes));
    for (std::size_t i = 0; i < dead.size(); ++i) note_write(name, *dead[i], written[i], counts);
    co_return static_cast<std::uint32_t>(dead.size());
  }

  // Without capabilities, too, it would be told that it is not registered: their time to live is that of its
  // sign of life.
  bool is_dead(scan_context& scan, const std::string& name, silent_worker& worker,
               const scanhost::outcome& caps, tally& counts) const {
    if (!caps.ok()) return fail(name, worker.instance, "reading its last heartbeat", caps, counts);
    if (caps[0].is_nil() && caps[1].is_nil()) return true;
    worker.heartbeat = caps[0].text();
    const auto heartbeat = scanhost::parse_integer<std::int64_t>(worker.heartbeat);
    if (heartbeat) return scanhost::to_ms(scan.now()) - *heartbeat >= dead_after_.count();
    counts.add_error(joined(named(name, worker.instance), "its last_heartbeat_ms is no time: it is kept"));
    return false;
  }

  scanhost::command write_for(const std::string& name, const silent_worker& worker) const {
    const auto registry = workers_key_of(name);
    const std::array keys = {worker_alive_key_of(name, worker.instance),
                             worker_caps_key_of(name, worker.instance), registry};
    auto write = guarded_write(host_, take_out, keys, worker.heartbeat, worker.instance);
    return std::move(write.route(registry).acts(worker.instance));
  }

  void note_write(const std::string& name, const silent_worker& worker, const scanhost::outcome& write,
                  tally& counts) const {
    if (write.held_back()) return counts.add_skipped();
    if (!write.ok()) return void(fail(name, worker.instance, "taking it out", write, counts));
    if (write.reply().integer() != 1) return;  // it is back, or somebody else was first
    counts.add_processed();
    host_.log(scanhost::log_level::debug,
              joined(named(name, worker.instance), "dead: taken out of the registry"));
  }

  static bool fail(const std::string& name, const std::string& instance, std::string_view what,
                   const scanhost::outcome& outcome, tally& counts) {
    if (outcome.cancelled())
      counts.cancel();
    else
      counts.add_error(joined(named(name, instance), what), outcome);
    return false;
  }

  static std::string named(const std::string& name, const std::string& instance) {
    return joined("worker '", printable(instance), "' of namespace '", printable(name), "': ");
  }

  scanhost::services host_;
  std::string namespace_;  // empty: all
  scanhost::milliseconds dead_after_;
  std::map<std::uint32_t, node> nodes_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::worker_registry_sweep)
