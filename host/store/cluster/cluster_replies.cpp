// SPDX-License-Identifier: Apache-2.0
#include "store/cluster/cluster_replies.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "scanhost/slots.hpp"
#include "store/protocol/reply_lists.hpp"

namespace scanhost::store {
namespace {

std::optional<std::uint16_t> number_in(const scanhost_reply* reply, std::int64_t max) {
  if (reply == nullptr || reply->kind != SCANHOST_REPLY_INTEGER) return std::nullopt;
  if (reply->integer < 0 || reply->integer > max) return std::nullopt;
  return static_cast<std::uint16_t>(reply->integer);
}

constexpr std::int64_t max_slot = slot_count - 1;
constexpr std::int64_t max_port_number = 65'535;

bool tells_host(std::string_view host) { return !host.empty() && host != "?"; }

base::error no_map(std::string_view command, std::string_view why) {
  return base::fail(base::errc::data, fmt::format("the reply to {} cannot be read: {}", command, why));
}

// The preferred endpoint; where the node does not know its name, its address; else where we asked.
std::string host_of(reply_list node, const std::string& asked) {
  for (const auto* field : {"endpoint", "ip"})
    if (const auto host = text_in(value_in(node, field)); tells_host(host)) return std::string(host);
  return asked;
}

// After a failover, the old primary may still be listed.
reply_list primary_of(reply_list nodes) {
  reply_list primary;
  for (const auto& node : nodes) {
    const auto fields = list_in(&node);
    if (const auto role = text_in(value_in(fields, "role")); role != "master" && role != "primary") continue;
    if (text_in(value_in(fields, "health")) != "fail") return fields;
    primary = fields;
  }
  return primary;
}

std::optional<slot_range> range_of(const scanhost_reply* first, const scanhost_reply* last,
                                   const config::server_address& primary) {
  const auto from = number_in(first, max_slot);
  const auto to = number_in(last, max_slot);
  if (!from || !to || *to < *from) return std::nullopt;
  return slot_range{*from, *to, primary};
}

}  // namespace

base::result<std::vector<slot_range>> ranges_of_shards(const scanhost_reply& reply, const std::string& asked,
                                                       bool tls) {
  constexpr std::string_view command = "CLUSTER SHARDS";
  if (reply.kind != SCANHOST_REPLY_ARRAY) return no_map(command, "it is not a list");
  std::vector<slot_range> ranges;
  for (const auto& shard : list_in(&reply)) {
    const auto fields = list_in(&shard);
    const auto slots = list_in(value_in(fields, "slots"));
    const auto primary = primary_of(list_in(value_in(fields, "nodes")));
    if (slots.empty() || primary.empty()) continue;
    const auto port = number_in(value_in(primary, tls ? "tls-port" : "port"), max_port_number);
    if (!port || *port == 0)
      return no_map(command,
                    tls ? "a node tells no port for TLS; the nodes need tls-cluster yes"
                        : "a node has only a port for TLS; write valkeys:// or rediss:// in store.url");
    const config::server_address address{host_of(primary, asked), *port};
    for (std::size_t i = 0; i + 1 < slots.size(); i += 2) {
      auto range = range_of(&slots[i], &slots[i + 1], address);
      if (!range) return no_map(command, "a range of slots makes no sense");
      ranges.push_back(std::move(*range));
    }
  }
  return ranges;
}

base::result<std::vector<slot_range>> ranges_of_slots(const scanhost_reply& reply, const std::string& asked) {
  constexpr std::string_view command = "CLUSTER SLOTS";
  if (reply.kind != SCANHOST_REPLY_ARRAY) return no_map(command, "it is not a list");
  std::vector<slot_range> ranges;
  for (const auto& entry : list_in(&reply)) {
    const auto parts = list_in(&entry);
    const auto node = parts.size() > 2 ? list_in(&parts[2]) : reply_list();
    const auto port = node.size() > 1 ? number_in(&node[1], max_port_number) : std::nullopt;
    if (!port || *port == 0) return no_map(command, "a range of slots has no server");
    const auto host = text_in(&node[0]);
    auto range = range_of(&parts[0], &parts[1], {tells_host(host) ? std::string(host) : asked, *port});
    if (!range) return no_map(command, "a range of slots makes no sense");
    ranges.push_back(std::move(*range));
  }
  return ranges;
}

}  // namespace scanhost::store
