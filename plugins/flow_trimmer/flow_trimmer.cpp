// SPDX-License-Identifier: Apache-2.0
//
// flow_trimmer: finds flows whose members are all purged, and deletes all that belongs to them, which nothing
// else ever deletes.
//
// Finds: the cores of flows, by walking the keyspace of each primary with SCAN, some pages in every cycle.
//        (The index of flows lists only those that still run.)
// Does:  deletes core, members, edges, adjacency sets, edge groups, summary, events and tags of flows that
//        were not changed for the time of `retention` and of which no member is left, in writes that are
//        guarded by the flow's core and by those of its members; deletes summaries, tags and grants of flows
//        that are gone.
// Leaves alone: flows with a member that still exists, with cancels that are owed or waiting, or that carry
//        the hold tag; open flows to which no member was ever added; with `open_flows: false` all open ones.
//        With `preview` it deletes nothing and tells what it would delete.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/explained.hpp"
#include "common/family.hpp"
#include "common/filter.hpp"
#include "common/ids.hpp"
#include "common/keys.hpp"
#include "common/paced_walk.hpp"
#include "flow_trimmer/flow_deletion.hpp"
#include "flow_trimmer/flow_key.hpp"
#include "flow_trimmer/flow_record.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

// Of a moment or a duration in ms: the sum of two is a moment that can be shown.
constexpr std::uint64_t max_time = 4'000'000'000'000'000;

struct trimming_options {
  std::uint64_t retention_ms;
  std::string hold_tag;  // name, or name=value; empty: none
  bool open_flows;
  bool preview;
};

// Takes that many keys from the front of a page; yields those that say something about a flow. Where a core
// is among them, the page's other keys of its flow go with it: what is done with the flow covers them.
std::vector<flow_key> take_front(std::deque<std::string>& page, std::size_t count) {
  const auto end = page.begin() + static_cast<std::ptrdiff_t>(std::min(count, page.size()));
  std::vector<flow_key> found;
  std::unordered_set<std::string> cores;
  for (auto key = page.begin(); key != end; ++key) {
    auto parsed = parse_flow_key(*key);
    if (!parsed || !(parsed->is_core() || parsed->goes_with_the_core())) continue;
    if (parsed->is_core()) cores.insert(parsed->flow);
    found.push_back(std::move(*parsed));
  }
  page.erase(page.begin(), end);
  const auto is_covered = [&](const flow_key& key) { return !key.is_core() && cores.contains(key.flow); };
  std::erase_if(found, is_covered);
  std::erase_if(page, [&](const auto& key) {
    const auto parsed = parse_flow_key(key);
    return parsed && is_covered(*parsed);
  });
  return found;
}

std::string name_of(const flow_key& key) { return joined("flow '", printable(key.flow), "': "); }

}  // namespace

class flow_trimmer : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("flow_trimmer", "deletes flows whose members are all purged",
                        std::chrono::seconds(60), 500, {.name = "node"});
    add_options(me, filter_options());
    add_options(
        me, {{.name = "retention",
              .type = scanhost::option_type::duration,
              .default_value = "7d",
              .help = "how long a flow is kept after its last change, at least"},
             {.name = "hold_tag",
              .help = "name or name=value of a tag that keeps its flow from being deleted; empty: none"},
             {.name = "open_flows",
              .type = scanhost::option_type::flag,
              .default_value = "true",
              .help = "delete also flows to which members could still be added; false: only cancelled ones"},
             {.name = "preview",
              .type = scanhost::option_type::flag,
              .default_value = "false",
              .help = "delete nothing, and log what would be deleted, with its keys and bytes"}});
    return me;
  }

  explicit flow_trimmer(scanhost::services host)
      : host_(host),
        filter_(host),
        options_{static_cast<std::uint64_t>(host.integer("retention")), host.text("hold_tag"),
                 host.flag("open_flows"), host.flag("preview")} {}

  task<scanhost::result> scan(scan_context& scan) override {
    tally counts(host_, scan);
    paced_walk walk(scan, counts, places_[scan.index()], scan.pass(0),
                    set_walk::over_keys(std::string(flow_key_pattern), host_.page_size()));
    while (co_await walk.next()) {
      auto found = take_front(walk.members(), walk.allowance());
      walk.note_acted_on(co_await handle(scan, std::move(found), counts));
    }
    co_return counts.result();
  }

  // An item is a flow, or one of the keys by which flows are found.
  task<void> explain(scan_context& scan, scanhost::explanation& item) override {
    using scanhost::standing;
    const auto key = co_await key_of(scan, item);
    if (!key) co_return;
    scanhost::batch reads;
    add_reads(reads, *key);
    const auto answers = co_await scan.execute(std::move(reads));
    auto judged = judge(*key, answers, scan.now());
    judged.index = flow_keys(key->tag, key->flow).core();
    item.add(judged);
  }
  // Its flows lie in other partitions than the nodes that it walks: any node can read them.
  std::optional<std::uint32_t> find_partition(std::string_view, std::uint32_t) const override { return 0; }

 private:
  // Nothing: a finding was added that says why.
  static task<std::optional<flow_key>> key_of(scan_context& scan, scanhost::explanation& item) {
    using scanhost::standing;
    if (auto key = parse_flow_key(item.name())) co_return key;
    const auto id = parse_uuid(item.name());
    if (!id) {
      item.add(standing::not_here, "it is neither a flow's id nor one of the keys by which flows are found");
      co_return std::nullopt;
    }
    const auto family = flow_family();
    scanhost::batch reads;
    reads.add("HGET", family.count_key, family.count_field).route(family.count_key);
    const auto answers = co_await scan.execute(std::move(reads));
    if (!answers[0].ok()) {
      item.add(unreadable("reading the number of partitions", answers[0], family.count_key));
      co_return std::nullopt;
    }
    const auto count = scanhost::parse_integer<std::uint32_t>(answers[0].reply().text()).value_or(0);
    const auto partition = partition_of(*id, count > 0 ? count : family.default_count);
    co_return flow_key{flow_tag(partition), canonical(*id), "core"};
  }

  scanhost::finding judge(const flow_key& key, const scanhost::replies& answers,
                          scanhost::timestamp now) const {
    using scanhost::standing;
    const auto core = answers[0], last = answers[reads_each() - 1];
    if (!core.ok()) return unreadable("reading its core", core);
    const auto record = flow_of(core);
    if (!record.exists) return found(standing::not_here, "there is no such flow");
    if (!filter_.passes(answers, 1))
      return found(standing::filtered, "the options `namespace` or `instance_tag` leave it out");
    if (!options_.hold_tag.empty() && !last.ok()) return unreadable("reading its hold tag", last);
    if (!options_.open_flows && !record.is_closed())
      return found(standing::held, joined("the flow ", key.flow, " is open, and `open_flows` is off"));
    if (!record.last_change)
      return found(standing::malformed, "its core has no time of a change: it is kept");
    const auto changed = *record.last_change;
    auto judged = found(standing::due, options_.preview
                                           ? "its retention is over; `preview` is on, so it is only reported"
                                           : "its retention is over: it is deleted once no member is left");
    if (changed <= max_time && options_.retention_ms <= max_time)
      judged.due = scanhost::from_ms(static_cast<std::int64_t>(changed + options_.retention_ms));
    const auto now_ms = static_cast<std::uint64_t>(scanhost::to_ms(now));
    if (changed > now_ms || now_ms - changed < options_.retention_ms) {
      judged.where = standing::waiting;
      judged.reason = "it was changed within the time of `retention`";
    } else if (holds(last.reply())) {
      judged.where = standing::held;
      judged.reason = "its retention is over, but it carries the hold tag";
    } else if (options_.preview) {
      judged.where = standing::held;
    }
    return judged;
  }

  // Yields how many flows were acted on.
  task<std::uint32_t> handle(scan_context& scan, std::vector<flow_key> found, tally& counts) const {
    scanhost::batch reads;
    for (const auto& key : found) add_reads(reads, key);
    const auto answers = co_await scan.execute(std::move(reads));
    std::vector<old_flow> old;
    std::vector<flow_key> leftovers;
    const auto now = static_cast<std::uint64_t>(scanhost::to_ms(scan.now()));
    for (std::size_t i = 0; i < found.size() && !counts.cancelled(); ++i) {
      auto& key = found[i];
      const auto first = i * reads_each();
      if (!passes(key, answers, first, counts) || has_failed(key, answers, first, counts)) continue;
      const auto record = flow_of(answers[first]);
      if (!key.is_core()) {
        if (!record.exists) leftovers.push_back(std::move(key));
        continue;
      }
      if (!is_old(key, record, now, counts)) continue;
      if (holds(answers[first + reads_each() - 1].reply()))
        counts.add_skipped();
      else
        old.push_back(
            {{std::move(key.tag), std::move(key.flow), record.state, record.changed}, record.may_be_empty()});
    }
    const auto deleted = co_await delete_flows(scan, std::move(old), options_.preview, counts);
    co_return deleted + co_await delete_leftovers(scan, leftovers, counts);
  }

  // Of each: the core, then what the filter reads, then the hold tag.
  std::size_t reads_each() const { return 1 + filter_.read_count() + (options_.hold_tag.empty() ? 0 : 1); }

  void add_reads(scanhost::batch& reads, const flow_key& key) const {
    const flow_keys keys(key.tag, key.flow);
    reads.add(read_flow(key.tag, key.flow));
    filter_.add_reads(reads, keys.core(), keys.tags(), {key.tag, key.flow});
    if (!options_.hold_tag.empty())
      reads.add("HGET", keys.tags(), options_.hold_tag.substr(0, options_.hold_tag.find('=')))
          .route(key.tag)
          .about(key.flow);
  }

  // As elsewhere, a read of the filter that fails lets nothing pass. What is left of a flow that is gone
  // passes only where there is no filter.
  bool passes(const flow_key& key, const scanhost::replies& answers, std::size_t first, tally& counts) const {
    if (answers[first].cancelled()) counts.cancel();
    const bool let_through = !counts.cancelled() && filter_.passes(answers, first + 1);
    if (!let_through && key.is_core()) counts.add_skipped();
    return let_through;
  }

  // The core, or the hold tag, could not be read. It is counted where the walk meets the core, and not again
  // at the flow's other keys.
  bool has_failed(const flow_key& key, const scanhost::replies& answers, std::size_t first,
                  tally& counts) const {
    const auto core = answers[first], last = answers[first + reads_each() - 1];
    const bool failed = !core.ok() || (!options_.hold_tag.empty() && !last.ok());
    if (failed && key.is_core())
      counts.add_error(joined(name_of(key), core.ok() ? "reading its hold tag" : "reading its core"),
                       core.ok() ? last : core);
    return failed;
  }

  bool is_old(const flow_key& key, const flow_record& record, std::uint64_t now, tally& counts) const {
    if (!record.exists || (!options_.open_flows && !record.is_closed())) return false;
    if (!record.last_change) {
      counts.add_error(joined(name_of(key), "its core has no time of a change: it is kept"));
      return false;
    }
    return *record.last_change <= now && now - *record.last_change >= options_.retention_ms;
  }

  // Whether a read of that tag holds its flow back.
  bool holds(const scanhost::reply& tag) const {
    if (options_.hold_tag.empty()) return false;
    const auto equals = options_.hold_tag.find('=');
    if (equals == std::string::npos) return tag.is_text();
    return tag.is_text() && tag.text() == std::string_view(options_.hold_tag).substr(equals + 1);
  }

  task<std::uint32_t> delete_leftovers(scan_context& scan, const std::vector<flow_key>& leftovers,
                                       tally& counts) const {
    scanhost::batch writes;
    for (const auto& key : leftovers) {
      const auto name = joined("ff:flow:", key.tag, ":", key.flow, ":", key.part);
      if (!options_.preview) {
        writes.add(leftover_write(counts.host(), key.tag, key.flow, name));
        continue;
      }
      counts.add_skipped();
      host_.log(scanhost::log_level::info,
                joined("preview: ", printable(name), " would be deleted: its flow is gone"));
    }
    const auto answers = co_await scan.execute(std::move(writes));
    for (std::size_t i = 0; i < answers.size(); ++i) note_leftover(leftovers[i], answers[i], counts);
    co_return static_cast<std::uint32_t>(answers.size());
  }

  void note_leftover(const flow_key& key, const scanhost::outcome& write, tally& counts) const {
    if (write.cancelled()) return counts.cancel();
    if (write.held_back()) return counts.add_skipped();
    if (!write.ok()) return counts.add_error(joined(name_of(key), "deleting what is left of it"), write);
    if (write.reply().integer() != 1) return;  // the flow is back, or somebody else was first
    counts.add_processed();
    host_.log(scanhost::log_level::debug, joined(name_of(key), "its ", printable(key.part), " is deleted"));
  }

  scanhost::services host_;
  ff::filter filter_;
  trimming_options options_;
  std::map<std::uint32_t, walk_place> places_;  // by node
};

}  // namespace ff

SCANHOST_PLUGIN(ff::flow_trimmer)
