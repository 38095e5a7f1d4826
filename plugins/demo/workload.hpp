// SPDX-License-Identifier: Apache-2.0
//
// The workload of one scanner: small records from which the store's contents are made, at the
// seeding and once more, with what must have become of them, at the check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dice.hpp"
#include "timing.hpp"
#include "world.hpp"

namespace scanhost::demo {

constexpr std::uint32_t flow_partitions = 256;
constexpr std::uint32_t budget_partitions = 32;
constexpr std::uint32_t quota_partitions = 32;

// What a record stands for. Everything else about it is drawn from `seed`.
struct record {
  std::uint64_t seed = 0;
  std::uint32_t partition = 0;
  std::uint32_t executions = 1;  // how many it holds
  std::int64_t due = 0;          // ms at which it is to change; 0: never in this run
  std::uint8_t variety = 0;      // the workload's own: which of its situations
};

class workload {
 public:
  workload() = default;
  workload(const workload&) = delete;
  workload& operator=(const workload&) = delete;
  virtual ~workload() = default;

  // The plugin for which this is work, and the share of all executions it gets; 0: it has records of
  // another kind, of which there are fewer.
  virtual std::string_view scanner() const = 0;
  virtual std::size_t weight() const = 0;

  // Plans about so many executions.
  virtual void plan(const timing& times, dice& chance, std::size_t executions) = 0;
  // What is written for a record.
  virtual world before(const record& r) const = 0;
  // Turns that into what must be there once the record's due time has passed.
  virtual void after(const record& r, world& w) const = 0;
  // What the record is about, for a message.
  virtual std::string_view situation(const record& r) const = 0;

  const std::vector<record>& records() const noexcept { return records_; }
  bool in_the_run(const record& r) const noexcept { return r.due >= times_.start; }
  // Moves what comes due in the run to another run; what was planned for other times stays.
  void retime(std::int64_t start, std::int64_t end);

 protected:
  timing times_;
  std::vector<record> records_;
};

// The workloads of these plugins, in the order in which they are seeded; plugins that have none are
// left out.
std::vector<std::unique_ptr<workload>> workloads_for(const std::vector<std::string>& plugins);

// Plans `executions` over all of them by weight.
void plan_all(const std::vector<std::unique_ptr<workload>>& loads, const timing& times, std::uint64_t seed,
              std::size_t executions);

// How often a situation is drawn, beside the others of its workload.
struct share {
  std::uint8_t variety;
  int weight;
};

// A variety, drawn by weight.
std::uint8_t draw(dice& chance, std::span<const share> shares) noexcept;

}  // namespace scanhost::demo
