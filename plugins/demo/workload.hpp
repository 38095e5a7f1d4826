// SPDX-License-Identifier: Apache-2.0
//
// The workload of a scanner is a table of situations: how often each occurs, when it comes due, what is
// written for it, and what must have become of it in the end. A record stands for one occurrence; it is
// small, and everything else about it is drawn from its seed, when it is written and once more when it is
// checked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dice.hpp"
#include "execution.hpp"
#include "timing.hpp"
#include "world.hpp"

namespace scanhost::demo {

constexpr std::uint32_t flow_partitions = 256;
constexpr std::uint32_t budget_partitions = 32;
constexpr std::uint32_t quota_partitions = 32;

struct record {
  std::uint64_t seed = 0;
  std::uint32_t partition = 0;
  std::uint32_t executions = 0;  // that it consists of
  std::int64_t due = 0;          // ms at which it is to change; 0: never in this run
  std::size_t situation = 0;     // the row of the table
};

// Where a table's functions work: a record's part of the store.
struct scene {
  world& w;
  const record& r;
  const timing& times;
  std::string_view scanner;
};

// What they work on, with what is drawn for it. A derived class draws its identity when it is constructed,
// always in the same order.
struct subject : scene {
  struct range {
    std::uint32_t min, max;
  };
  static constexpr range executions{1, 1};
  // Over so many partitions by the UUID that is drawn first; 0: executions, which are dealt out in turn.
  static constexpr std::uint32_t hashed_over = 0;

  explicit subject(const scene& at) : scene(at), due(r.due), chance(r.seed) {}

  std::int64_t due;
  dice chance;
};

// An execution on its own.
struct single : subject {
  explicit single(const scene& at)
      : subject(at),
        e(w, chance, r.partition, times.now),
        past(times.overdue(chance)),
        future(times.later(chance)) {}

  execution e;
  std::int64_t past, future;
};

enum class comes_due { never, overdue, in_run, mostly_in_run };

template <class Subject>
struct situation {
  std::string_view name;
  int share;  // of all records; 0: there is one such record, which the others need
  comes_due when;
  void (*write)(Subject&);
  void (*expect)(Subject&) = nullptr;  // turns what was written into what must be there; none: as written
  subject::range executions = Subject::executions;
};

class workload {
 public:
  // `weight` is the scanner's share of all executions; 0: it has records of another kind, of which there are
  // fewer.
  workload(std::string_view scanner, std::size_t weight) : scanner_(scanner), weight_(weight) {}
  workload(const workload&) = delete;
  workload& operator=(const workload&) = delete;
  virtual ~workload() = default;

  std::string_view scanner() const noexcept { return scanner_; }
  std::size_t weight() const noexcept { return weight_; }

  // Plans about so many executions.
  virtual void plan(const timing& times, dice& chance, std::size_t executions) = 0;
  // What is written for a record.
  virtual world before(const record& r) const = 0;
  // Turns that into what must be there once the record's due time has passed.
  virtual void after(const record& r, world& w) const = 0;
  // The name of its situation, for a message.
  virtual std::string_view situation_of(const record& r) const = 0;

  const std::vector<record>& records() const noexcept { return records_; }
  bool is_in_run(const record& r) const noexcept { return r.due >= times_.start; }
  // Moves what comes due in the run to another run; what was planned for other times stays.
  void retime(std::int64_t start, std::int64_t end);

 protected:
  timing times_;
  std::vector<record> records_;

 private:
  std::string_view scanner_;
  std::size_t weight_;
};

// A row, drawn by shares.
std::size_t draw(dice& chance, std::span<const int> shares) noexcept;
std::int64_t due_time(comes_due when, const timing& times, dice& chance) noexcept;
std::uint32_t partition_of(std::string_view uuid, std::uint32_t partitions);

template <class Subject>
class work_on final : public workload {
 public:
  work_on(std::string_view scanner, std::size_t weight, std::span<const situation<Subject>> table)
      : workload(scanner, weight), table_(table) {}

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    std::vector<int> shares;
    for (const auto& row : table_) {
      if (row.share == 0) records_.push_back({chance.roll(), 0, 0, 0, shares.size()});
      shares.push_back(row.share);
    }
    for (std::size_t count = 0, turn = 0; count < executions; ++turn) {
      record r{chance.roll(), static_cast<std::uint32_t>(turn % flow_partitions), 0, 0, draw(chance, shares)};
      const auto& row = table_[r.situation];
      r.executions = static_cast<std::uint32_t>(chance.between(row.executions.min, row.executions.max));
      if (Subject::hashed_over > 0) r.partition = partition_of(dice(r.seed).uuid(), Subject::hashed_over);
      r.due = due_time(row.when, times, chance);
      count += std::max(r.executions, 1U);
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    Subject subject({w, r, times_, scanner()});
    table_[r.situation].write(subject);
    return w;
  }

  void after(const record& r, world& w) const override {
    const auto& row = table_[r.situation];
    if (row.expect == nullptr) return;
    Subject subject({w, r, times_, scanner()});
    row.expect(subject);
  }

  std::string_view situation_of(const record& r) const override { return table_[r.situation].name; }

 private:
  std::span<const situation<Subject>> table_;
};

template <class Subject, std::size_t Rows>
std::unique_ptr<workload> make_work(std::string_view scanner, std::size_t weight,
                                    const situation<Subject> (&table)[Rows]) {
  return std::make_unique<work_on<Subject>>(scanner, weight, table);
}

std::unique_ptr<workload> work_for_lease_expiry();
std::unique_ptr<workload> work_for_delayed_promoter();
std::unique_ptr<workload> work_for_cancel_reconciler();
std::unique_ptr<workload> work_for_attempt_timeout();
std::unique_ptr<workload> work_for_execution_deadline();
std::unique_ptr<workload> work_for_suspension_timeout();
std::unique_ptr<workload> work_for_pending_wp_expiry();
std::unique_ptr<workload> work_for_budget_reset();
std::unique_ptr<workload> work_for_budget_reconciler();
std::unique_ptr<workload> work_for_unblock();
std::unique_ptr<workload> work_for_dependency_reconciler();
std::unique_ptr<workload> work_for_index_reconciler();
std::unique_ptr<workload> work_for_retention_trimmer();
std::unique_ptr<workload> work_for_quota_reconciler();
std::unique_ptr<workload> work_for_flow_projector();

using workloads = std::vector<std::unique_ptr<workload>>;

// The workloads of these plugins, in the order in which they are written; plugins that have none are left
// out.
workloads workloads_for(const std::vector<std::string>& plugins);

// Plans `executions` over all of them by weight.
void plan_all(const workloads& loads, const timing& times, std::uint64_t seed, std::size_t executions);

}  // namespace scanhost::demo
