// SPDX-License-Identifier: Apache-2.0
//
// retention_trimmer: finds executions that ended long enough ago, and deletes all that belongs to them.
//
// Finds: entries of each lane's `terminal` index that are older than the retention.
// Does:  deletes every key of the execution and its entries in the indexes, in writes that are guarded by its
//        core; removes entries of executions that are gone or have no completion time. With
//        `delete_leftovers` also the other keys of executions whose core is gone.
// Leaves alone: executions whose policy asks for a longer retention, those that carry the hold tag, whatever
//        cannot be read completely, and what changes while it is being deleted. With `preview` it deletes
//        nothing and tells what it would delete.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/explained.hpp"
#include "common/family.hpp"
#include "common/filter.hpp"
#include "common/ids.hpp"
#include "common/index_sweep.hpp"
#include "common/keys.hpp"
#include "common/lanes.hpp"
#include "common/tally.hpp"
#include "retention_trimmer/purge.hpp"
#include "retention_trimmer/retention_policy.hpp"
#include "retention_trimmer/trimming.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

// Attempts that an execution may have had; a higher count is taken for a corrupt record.
constexpr std::uint32_t max_attempts = 100'000;
// Of a moment or a duration in ms: the sum of two is a moment that can be shown.
constexpr std::uint64_t max_time = 4'000'000'000'000'000;

struct trimming_options {
  std::uint64_t default_retention_ms;
  std::string hold_tag;  // name, or name=value; empty: none
  bool preview;
  bool delete_leftovers;
  bool edge_groups;
};

// When it ended, as far as its entry tells.
std::uint64_t end_by_entry(const candidate& candidate) {
  const double score = std::strtod(candidate.score.c_str(), nullptr);
  return score > 0 && score < 1e18 ? static_cast<std::uint64_t>(score) : 0;
}

// Whether a read of that tag holds its execution back.
bool holds(const scanhost::reply& tag, std::string_view hold_tag) {
  const auto equals = hold_tag.find('=');
  if (equals == std::string_view::npos) return tag.is_text();
  return tag.is_text() && tag.text() == hold_tag.substr(equals + 1);
}

class terminal_pages : public page_handler {
 public:
  terminal_pages(const ff::filter& filter, const trimming_options& options, std::string index)
      : filter_(filter), options_(options), index_(std::move(index)) {}

  task<void> handle(scan_context& scan, page& offered, const index_walk& walk, page_gate&,
                    tally& counts) override {
    std::vector<filter_subject> subjects;
    for (const auto& candidate : offered.candidates)
      subjects.push_back({std::string(scan.tag()), candidate.id});
    bool cancelled = false;
    const auto passing = co_await filter_.select(scan, std::move(subjects), cancelled);
    if (cancelled) co_return counts.cancel();
    const auto answers = co_await read(scan, offered);
    std::vector<trimmed> chosen;
    for (std::size_t i = 0; i < offered.candidates.size(); ++i) {
      auto& candidate = offered.candidates[i];
      if (walk.acted_on(candidate.id))
        candidate.entry = fate::stays;
      else if (!passing[i])
        skip(candidate, counts);
      else if (!examine(scan, candidate, answers, reads_each() * i, offered.allowance, chosen, counts))
        break;
    }
    if (counts.cancelled()) co_return;
    co_await prepare_trimming(scan, chosen, counts);
    if (counts.cancelled()) co_return;
    if (options_.preview)
      co_await preview_trimming(scan, std::move(chosen), counts);
    else
      co_await trim(scan, std::move(chosen), counts);
  }

 private:
  std::size_t reads_each() const { return options_.hold_tag.empty() ? 2 : 3; }

  task<scanhost::replies> read(scan_context& scan, const page& offered) const {
    scanhost::batch reads;
    for (const auto& candidate : offered.candidates) {
      const execution_keys keys(scan.tag(), candidate.id);
      reads.add("HMGET", keys.core(), "completed_at", "total_attempt_count", "lifecycle_phase", "flow_id")
          .about(candidate.id);
      reads.add("GET", keys.policy()).about(candidate.id);
      if (!options_.hold_tag.empty())
        reads.add("HGET", keys.tags(), options_.hold_tag.substr(0, options_.hold_tag.find('=')))
            .about(candidate.id);
    }
    co_return co_await scan.execute(std::move(reads));
  }

  static void skip(candidate& candidate, tally& counts) {
    candidate.entry = fate::stays;
    counts.add_skipped();
  }

  // Decides on one candidate. False: it is to be deleted, but the page's allowance is used up.
  bool examine(const scan_context& scan, candidate& candidate, const scanhost::replies& answers,
               std::size_t first, std::uint32_t allowance, std::vector<trimmed>& chosen,
               tally& counts) const {
    const auto core = answers[first];
    const auto policy = answers[first + 1];
    candidate.entry = fate::stays;
    if (!core.ok()) return trimming_failed(candidate, "reading its core", core, counts);
    const auto completed_at = scanhost::parse_integer<std::uint64_t>(core[0].text()).value_or(0);
    const auto what = completed_at > 0 ? extent::execution : extent_without_end(core);
    if (what != extent::entry) {
      if (!policy.ok()) return trimming_failed(candidate, "reading its policy", policy, counts);
      const auto retention = retention_of(policy.reply().text()).value_or(options_.default_retention_ms);
      const auto ended = completed_at > 0 ? completed_at : end_by_entry(candidate);
      if (is_retained(static_cast<std::uint64_t>(scanhost::to_ms(scan.now())), ended, retention)) return true;
      if (!options_.hold_tag.empty()) {
        const auto tag = answers[first + 2];
        if (!tag.ok()) return trimming_failed(candidate, "reading its hold tag", tag, counts);
        if (holds(tag.reply(), options_.hold_tag)) {
          counts.add_skipped();
          return true;
        }
      }
    }
    const auto attempts = scanhost::parse_integer<std::uint32_t>(core[1].text()).value_or(0);
    if (completed_at > 0 && attempts > max_attempts) {
      counts.add_error(joined("execution '", printable(candidate.id),
                              "' has an implausible total_attempt_count of ", std::to_string(attempts),
                              " and is kept"));
      return true;
    }
    if (chosen.size() == allowance) {
      candidate.entry = fate::unexamined;
      return false;
    }
    chosen.push_back({&candidate,
                      {std::string(scan.tag()), candidate.id, index_, std::string(core[2].text()),
                       std::string(core[0].text()), attempts, flow_of(core)},
                      what});
    return true;
  }

  // The flow whose edge group goes with the execution; empty: none does.
  std::string flow_of(const scanhost::outcome& core) const {
    return options_.edge_groups ? canonical_or_as_found(core[3].text()) : std::string();
  }

  // Of a record that tells no end; where there is none at all, its core may be gone.
  extent extent_without_end(const scanhost::outcome& core) const {
    const bool empty = core[0].is_nil() && core[1].is_nil() && core[2].is_nil();
    return options_.delete_leftovers && empty ? extent::leftovers : extent::entry;
  }

  const ff::filter& filter_;
  const trimming_options& options_;
  std::string index_;
};

}  // namespace

class retention_trimmer : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("retention_trimmer", "deletes executions that ended long enough ago",
                        std::chrono::seconds(60), 20, flow_family());
    add_options(me, {lanes_option()});
    add_options(me, filter_options());
    add_options(
        me,
        {{.name = "default_retention",
          .type = scanhost::option_type::duration,
          .default_value = "24h",
          .help = "how long an execution is kept after its end, where its policy does not say"},
         {.name = "shortest_retention",
          .type = scanhost::option_type::duration,
          .help = "policies may shorten the retention to this, at the cost of reading more; 0: not at all"},
         {.name = "hold_tag",
          .help = "name or name=value of a tag that keeps its execution from being deleted; empty: none"},
         {.name = "preview",
          .type = scanhost::option_type::flag,
          .default_value = "false",
          .help = "delete nothing, and log what would be deleted, with its keys and bytes"},
         {.name = "delete_leftovers",
          .type = scanhost::option_type::flag,
          .default_value = "false",
          .help = "delete also what is left of executions whose core is gone, not only their entries"},
         {.name = "edge_groups",
          .type = scanhost::option_type::flag,
          .default_value = "false",
          .help = "delete also the edge group of an execution's inbound edges, which nothing else deletes"}});
    return me;
  }

  explicit retention_trimmer(scanhost::services host)
      : host_(host),
        filter_(host),
        options_{static_cast<std::uint64_t>(host.integer("default_retention")), host.text("hold_tag"),
                 host.flag("preview"), host.flag("delete_leftovers"), host.flag("edge_groups")},
        lag_(host.duration("default_retention")),
        lanes_(host.list("lanes")) {
    const auto min_retention = host.duration("shortest_retention");
    if (min_retention.count() > 0) lag_ = std::min(lag_, min_retention);
  }

  task<scanhost::result> scan(scan_context& scan) override {
    tally counts(host_, scan);
    co_await lanes_.refresh(scan, counts);
    const due_rule rule{.lag = lag_, .ahead = 2 * host_.interval()};
    for (std::uint32_t i = 0; i < lanes_.size() && !counts.cancelled(); ++i) {
      const auto index = lane_key(scan.tag(), lanes_[i], "terminal");
      terminal_pages handler(filter_, options_, index);
      pass_state pass{i};
      co_await sweep_index(scan, pass, index, rule, memories_, handler, counts);
    }
    co_return counts.result();
  }

  // In the lanes that are known by now.
  task<void> explain(scan_context& scan, scanhost::explanation& item) override {
    const std::string id(item.name());
    scanhost::batch reads;
    for (std::uint32_t i = 0; i < lanes_.size(); ++i)
      reads.add("ZSCORE", lane_key(scan.tag(), lanes_[i], "terminal"), id).about(id);
    const auto answers = co_await scan.execute(std::move(reads));
    bool is_somewhere = false;
    for (std::uint32_t i = 0; i < lanes_.size(); ++i) {
      if (answers[i].ok() && !answers[i].reply().is_text()) continue;
      is_somewhere = true;
      auto judged = unreadable("reading its entry", answers[i]);
      const auto score = answers[i].reply();
      if (answers[i].ok()) judged = co_await explain_ended(scan, id, score);
      judged.index = lane_key(scan.tag(), lanes_[i], "terminal");
      item.add(judged);
    }
    if (is_somewhere) co_return;
    const auto state = co_await read_state(scan, id);
    item.add(scanhost::standing::not_here, joined("it has not ended in the ", std::to_string(lanes_.size()),
                                                  " lanes that are swept; ", state));
  }
  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count) const override {
    return partition_of_item(item, count);
  }

 private:
  task<scanhost::finding> explain_ended(scan_context& scan, const std::string& id,
                                        const scanhost::reply& score) const {
    auto judged = co_await judge_ended(scan, id, score);
    judged.score = score_of(score);
    if (judged.where == scanhost::standing::due && options_.preview) {
      judged.where = scanhost::standing::held;
      judged.reason = "its retention is over, but `preview` is on: nothing is deleted";
    }
    co_return judged;
  }

  task<scanhost::finding> judge_ended(scan_context& scan, const std::string& id,
                                      const scanhost::reply& score) const {
    using scanhost::standing;
    if (!co_await filter_.accepts(scan, id))
      co_return found(standing::filtered, "the options `namespace` or `instance_tag` leave it out");
    const execution_keys keys(scan.tag(), id);
    scanhost::batch reads;
    reads.add("HMGET", keys.core(), "completed_at", "total_attempt_count", "lifecycle_phase").about(id);
    reads.add("GET", keys.policy()).about(id);
    if (!options_.hold_tag.empty())
      reads.add("HGET", keys.tags(), options_.hold_tag.substr(0, options_.hold_tag.find('='))).about(id);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (!answers[i].ok()) co_return unreadable("reading its records", answers[i]);
    const auto core = answers[0];
    const auto completed_at = scanhost::parse_integer<std::uint64_t>(core[0].text()).value_or(0);
    const bool is_leftover = core[0].is_nil() && core[1].is_nil() && core[2].is_nil();
    if (completed_at == 0 && !(options_.delete_leftovers && is_leftover))
      co_return found(standing::due, "its record is gone or tells no end: the next scan removes its entry");
    if (scanhost::parse_integer<std::uint32_t>(core[1].text()).value_or(0) > max_attempts)
      co_return found(standing::malformed, "its total_attempt_count is implausible: it is kept");
    const auto ended = completed_at > 0
                           ? completed_at
                           : end_by_entry({.id = id, .score = std::string(score.text()), .due = {}});
    const auto retention = retention_of(answers[1].reply().text()).value_or(options_.default_retention_ms);
    auto judged = found(standing::due, "its retention is over: the next scan deletes it");
    if (retention <= max_time && ended <= max_time)
      judged.due = scanhost::from_ms(static_cast<std::int64_t>(ended + retention));
    if (is_retained(static_cast<std::uint64_t>(scanhost::to_ms(scan.now())), ended, retention)) {
      judged.where = standing::waiting;
      judged.reason = "it has ended, and is kept until its retention is over";
    } else if (!options_.hold_tag.empty() && holds(answers[2].reply(), options_.hold_tag)) {
      judged.where = standing::held;
      judged.reason = "its retention is over, but it carries the hold tag";
    }
    co_return judged;
  }

  scanhost::services host_;
  ff::filter filter_;
  trimming_options options_;
  scanhost::milliseconds lag_;
  lanes lanes_;
  index_memories memories_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::retention_trimmer)
