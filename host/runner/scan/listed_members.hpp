// SPDX-License-Identifier: Apache-2.0
//
// The members of a listed family. Each has the number of its partition for as long as it is a member, so that
// what is known of the partition is found again in the next cycle; the numbers of those that went are given
// to others. The members' positions within a cycle are their indexes. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace scanhost::runner {

class listed_members {
 public:
  // The members from now on, in their order, each once. Returns the partitions of those that went.
  std::vector<std::uint32_t> replace(const std::vector<std::string>& members);

  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(order_.size()); }
  std::uint32_t partition_at(std::uint32_t index) const noexcept { return order_[index]; }

  // Of a partition that has a member, or had the last one of its number.
  std::uint32_t index_of(std::uint32_t partition) const noexcept { return slots_[partition].index; }
  const std::string& member_of(std::uint32_t partition) const noexcept { return slots_[partition].member; }

 private:
  struct slot {
    std::string member;
    std::uint32_t index = 0;
  };

  bool same(const std::vector<std::string>& members) const;
  std::vector<std::uint32_t> remove_others(const std::vector<std::string>& members);
  std::uint32_t partition_for(const std::string& member);

  std::vector<slot> slots_;                                    // by partition
  std::vector<std::uint32_t> order_;                           // partitions by index
  std::vector<std::uint32_t> free_;                            // partitions without a member
  std::unordered_map<std::string, std::uint32_t> partitions_;  // by member
};

}  // namespace scanhost::runner
