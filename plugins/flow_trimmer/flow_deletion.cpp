// SPDX-License-Identifier: Apache-2.0
#include "flow_trimmer/flow_deletion.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "common/ids.hpp"
#include "common/keys.hpp"
#include "common/seen_hashes.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

constexpr std::uint32_t members_page = 200;
// Flows that are handled at the same time.
constexpr std::size_t group_size = 64;

// A flow on its way.
struct going_flow {
  old_flow of;
  set_walk members;
  std::vector<std::string> page = {};          // of members
  std::size_t pages = 0;                       // that were read
  std::vector<scanhost::command> writes = {};  // for this page, and how many of them were done
  std::size_t written = 0;
  bool out = false;  // nothing more is done with it
  bool acted_on = false;
  std::uint64_t member_count = 0;
  // Of a preview.
  std::uint64_t keys = 0, bytes = 0;
  seen_hashes counted = {};  // keys of members
};

using group = std::vector<going_flow>;

std::string named(const going_flow& flow) { return joined("flow '", printable(flow.of.flow.id), "': "); }

set_walk walk_over(const trimmed_flow& flow) {
  return {flow_keys(flow.tag, flow.id).members(), members_page, flow.tag};
}

// A read or write failed: the flow stays for another time.
void fail(going_flow& flow, std::string_view what, const scanhost::outcome& outcome, tally& counts) {
  flow.out = true;
  if (outcome.cancelled()) return counts.cancel();
  counts.add_error(joined(named(flow), what), outcome);
}

// Reads the next page of members of each flow whose walk is not at its end. Yields those of which it was
// read.
task<std::vector<going_flow*>> read_pages(scan_context& scan, group& flows, tally& counts) {
  scanhost::batch queries;
  std::vector<going_flow*> asked;
  for (auto& flow : flows) {
    if (flow.out || !flow.members.walking()) continue;
    queries.add(std::move(flow.members.query().about(flow.of.flow.id)));
    asked.push_back(&flow);
  }
  const auto pages = co_await scan.execute(std::move(queries));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    auto& flow = *asked[i];
    flow.page = flow.members.take(pages[i]);
    ++flow.pages;
    flow.member_count += flow.page.size();
    if (!pages[i].ok()) fail(flow, "reading its members", pages[i], counts);
    if (flow.members.ended() != set_walk::state::malformed) continue;
    flow.out = true;
    counts.add_error(joined(named(flow), flow.members.message()));
  }
  std::erase_if(asked, [](const auto* flow) { return flow->out; });
  co_return asked;
}

// Whether all members of the page lie in the flow's partition, so that a guarded write can look at them.
bool are_at_home(going_flow& flow, tally& counts) {
  for (const auto& id : flow.page) {
    const auto partition = execution_partition(id);
    if (partition && flow_tag(*partition) == flow.of.flow.tag) continue;
    flow.out = true;
    counts.add_error(joined(named(flow), "its member '", printable(id),
                            "' is no execution of its partition: the flow is kept"));
    return false;
  }
  return true;
}

// Looks at the members of the page; a flow is out if one of them is there.
task<void> look_at_members(scan_context& scan, std::vector<going_flow*> flows, tally& counts) {
  std::erase_if(flows, [&](auto* flow) { return flow->page.empty() || !are_at_home(*flow, counts); });
  scanhost::batch questions;
  for (const auto* flow : flows) {
    scanhost::command question("EXISTS");
    for (const auto& id : flow->page) question.arg(execution_keys(flow->of.flow.tag, id).core());
    questions.add(std::move(question.route(flow->of.flow.tag).about(flow->of.flow.id)));
  }
  const auto answers = co_await scan.execute(std::move(questions));
  for (std::size_t i = 0; i < flows.size(); ++i) {
    if (!answers[i].ok()) fail(*flows[i], "looking for its members", answers[i], counts);
    flows[i]->out = flows[i]->out || answers[i].reply().integer() != 0;
  }
}

// Leaves the flows of which every member is purged. Those with one page of members keep it; over the members
// of the others the walk begins anew.
task<void> keep_purged(scan_context& scan, group& flows, tally& counts) {
  const auto goes_on = [](const auto& flow) { return !flow.out && flow.members.walking(); };
  while (std::ranges::any_of(flows, goes_on) && !counts.cancelled())
    co_await look_at_members(scan, co_await read_pages(scan, flows, counts), counts);
  std::erase_if(
      flows, [](const auto& flow) { return flow.out || (flow.member_count == 0 && !flow.of.may_be_empty); });
  for (auto& flow : flows) {
    if (flow.pages == 1) continue;
    flow.members = walk_over(flow.of.flow);
    flow.member_count = 0;
  }
}

// What a reply to SMEMBERS of an adjacency set names.
bool add_edges(going_flow& flow, const scanhost::outcome& edges, purged_member& member, tally& counts) {
  if (!edges.ok()) {
    if (!flow.out) fail(flow, "reading its edges", edges, counts);
    return false;
  }
  for (std::size_t i = 0; i < edges.reply().size(); ++i) member.edges.emplace_back(edges[i].text());
  return true;
}

// The members of each flow's page with their edges, in the order of the flows.
task<std::vector<std::vector<purged_member>>> read_edges(scan_context& scan, group& flows, tally& counts) {
  scanhost::batch reads;
  for (const auto& flow : flows) {
    const flow_keys keys(flow.of.flow.tag, flow.of.flow.id);
    for (const auto& id : flow.page) {
      reads.add("SMEMBERS", keys.incoming(id)).route(flow.of.flow.tag).about(flow.of.flow.id);
      reads.add("SMEMBERS", keys.outgoing(id)).route(flow.of.flow.tag).about(flow.of.flow.id);
    }
  }
  const auto answers = co_await scan.execute(std::move(reads));
  std::vector<std::vector<purged_member>> members(flows.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    for (const auto& id : flows[i].page) {
      auto& member = members[i].emplace_back(purged_member{id});
      const auto incoming = answers[next++], outgoing = answers[next++];
      add_edges(flows[i], incoming, member, counts) && add_edges(flows[i], outgoing, member, counts);
    }
  }
  co_return members;
}

void note_deleted(going_flow& flow, tally& counts) {
  flow.out = true;
  counts.add_processed();
  counts.host().log(scanhost::log_level::debug,
                    joined(named(flow), "deleted, with ", std::to_string(flow.member_count), " members"));
}

void note_write(going_flow& flow, const scanhost::outcome& write, tally& counts) {
  flow.acted_on = true;
  ++flow.written;
  if (!write.ok() && !write.held_back()) return fail(flow, "deleting it", write, counts);
  if (write.held_back()) counts.add_skipped();
  flow.out = flow.out || write.held_back() || write.reply().integer() != flow_write::done;
  const bool is_last = flow.written == flow.writes.size() && !flow.members.walking();
  if (!flow.out && is_last) note_deleted(flow, counts);
}

// The writes of one flow go one after the other, those of several flows together.
task<void> write_pages(scan_context& scan, group& flows, tally& counts) {
  const auto has_more = [](const auto& flow) { return !flow.out && flow.written < flow.writes.size(); };
  while (std::ranges::any_of(flows, has_more) && !counts.cancelled()) {
    scanhost::batch writes;
    std::vector<going_flow*> written;
    for (auto& flow : flows) {
      if (!has_more(flow)) continue;
      writes.add(std::move(flow.writes[flow.written]));
      written.push_back(&flow);
    }
    const auto answers = co_await scan.execute(std::move(writes));
    for (std::size_t i = 0; i < written.size(); ++i) note_write(*written[i], answers[i], counts);
  }
}

void prepare_writes(const scanhost::services& host, going_flow& flow,
                    const std::vector<purged_member>& members) {
  flow.written = 0;
  flow.writes = flow.out ? std::vector<scanhost::command>()
                         : member_writes(host, flow.of.flow, members, !flow.members.walking());
}

// The keys of these members; with the last of them the flow's own as well. An edge has two ends, and is
// counted once.
std::vector<std::string> keys_to_preview(going_flow& flow, const std::vector<purged_member>& members) {
  std::vector<std::string> keys;
  for (const auto& member : members)
    for (auto& key : keys_of_member(flow.of.flow, member))
      if (flow.counted.insert(std::hash<std::string>{}(key))) keys.push_back(std::move(key));
  if (flow.members.walking()) return keys;
  const flow_keys of(flow.of.flow.tag, flow.of.flow.id);
  keys.insert(keys.end(), {of.core(), of.members()});
  for (auto& key : keys_of_flow(flow.of.flow)) keys.push_back(std::move(key));
  return keys;
}

void report_preview(going_flow& flow, tally& counts) {
  flow.out = true;
  counts.add_skipped();
  counts.host().log(scanhost::log_level::info,
                    joined("preview: flow '", printable(flow.of.flow.id),
                           "' would be deleted: ", std::to_string(flow.member_count), " members, ",
                           std::to_string(flow.keys), " keys, ", std::to_string(flow.bytes), " bytes"));
}

task<void> preview_page(scan_context& scan, going_flow& flow, const std::vector<purged_member>& members,
                        tally& counts) {
  const auto keys = keys_to_preview(flow, members);
  scanhost::batch questions;
  for (const auto& key : keys)
    questions.add("MEMORY", "USAGE", key).route(flow.of.flow.tag).about(flow.of.flow.id);
  const auto sizes = co_await scan.execute(std::move(questions));
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i].cancelled()) co_return counts.cancel();
    if (!sizes[i].reply().is_integer()) continue;
    ++flow.keys;
    flow.bytes += static_cast<std::uint64_t>(sizes[i].reply().integer());
  }
  if (!flow.members.walking()) report_preview(flow, counts);
}

task<void> handle_pages(scan_context& scan, group& flows, bool preview, tally& counts) {
  co_await read_pages(scan, flows, counts);
  const auto members = co_await read_edges(scan, flows, counts);
  for (std::size_t i = 0; i < flows.size() && !counts.cancelled(); ++i) {
    if (!preview)
      prepare_writes(counts.host(), flows[i], members[i]);
    else if (!flows[i].out)
      co_await preview_page(scan, flows[i], members[i], counts);
  }
  if (!preview && !counts.cancelled()) co_await write_pages(scan, flows, counts);
}

}  // namespace

task<std::uint32_t> delete_flows(scan_context& scan, std::vector<old_flow> flows, bool preview,
                                 tally& counts) {
  std::uint32_t acted_on = 0;
  for (std::size_t first = 0; first < flows.size() && !counts.cancelled(); first += group_size) {
    group few;
    for (auto i = first; i < std::min(first + group_size, flows.size()); ++i) {
      auto walk = walk_over(flows[i].flow);
      few.push_back({.of = std::move(flows[i]), .members = std::move(walk)});
    }
    co_await keep_purged(scan, few, counts);
    const auto is_left = [](const auto& flow) { return !flow.out; };
    while (std::ranges::any_of(few, is_left) && !counts.cancelled())
      co_await handle_pages(scan, few, preview, counts);
    for (const auto& flow : few) acted_on += flow.acted_on ? 1 : 0;
  }
  co_return acted_on;
}

}  // namespace ff
