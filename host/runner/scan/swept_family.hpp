// SPDX-License-Identifier: Apache-2.0
//
// The family of partitions that a scanner sweeps. A partition has a number: in a listed family its member's
// for as long as it is one, else its index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/description.hpp"
#include "runner/scan/listed_members.hpp"

namespace scanhost::runner {

// A node of a cluster, as a partition of the family `node`.
struct family_node {
  std::string name;   // its address
  std::string route;  // leads to it
};

class swept_family {
 public:
  // `count`: partitions, unless it is listed; then it has none yet.
  swept_family(config::family description, std::uint32_t count);

  const std::string& name() const noexcept { return description_.name; }
  const config::family& description() const noexcept { return description_; }

  // Partitions of the current or the last cycle, and which they are.
  std::uint32_t count() const noexcept { return listed_ ? members_.count() : count_; }
  std::uint32_t partition_at(std::uint32_t index) const noexcept {
    return listed_ ? members_.partition_at(index) : index;
  }
  std::uint32_t index_of(std::uint32_t partition) const noexcept {
    return listed_ ? members_.index_of(partition) : partition;
  }

  // Lives until the members are replaced.
  const std::string& tag(std::uint32_t partition) const noexcept { return tags_[partition]; }
  // What leads to the partition's node: its tag, but for the family `node`. Lives as long as the tag.
  const std::string& route(std::uint32_t partition) const noexcept {
    return partition < routes_.size() ? routes_[partition] : tag(partition);
  }
  // The route of its first partition; empty: it has none.
  std::string first_route() const { return count() == 0 ? std::string() : route(partition_at(0)); }
  std::vector<std::string> tags() const;
  // The part of a tag that is the member of a listed family; else empty. As long as the tag lives.
  std::string_view member_in(std::string_view tag) const noexcept;

  // For a family that is not listed: from the next cycle on.
  void set_count(std::uint32_t count);
  // For the family `node`: likewise. A node that stays keeps its number, unless there are not so many any
  // more: plugins remember by it where they are. Returns the numbers that have another node now, or none.
  std::vector<std::uint32_t> replace_nodes(std::vector<family_node> nodes);
  bool is_node() const noexcept { return description_.name == "node"; }
  // For a listed one: see listed_members.
  std::vector<std::uint32_t> replace_members(const std::vector<std::string>& members);

 private:
  config::family description_;
  bool listed_;
  std::uint32_t count_;
  listed_members members_;
  std::vector<std::string> tags_;    // by partition: each scan asks for its tag
  std::vector<std::string> routes_;  // of the family `node`, else empty; as the next one
  std::vector<std::string> node_names_;
};

}  // namespace scanhost::runner
