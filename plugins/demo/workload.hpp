// SPDX-License-Identifier: Apache-2.0
//
// The workload of a scanner is a table of situations: how often each occurs, when it comes due, what is
// written for it, and what must have become of it in the end. A record stands for one occurrence; it is
// small, and all else about it is drawn from its seed, when it is written and again when it is checked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dice.hpp"
#include "execution.hpp"
#include "store.hpp"
#include "world.hpp"

namespace scanhost::demo {

constexpr std::uint32_t flow_partitions = 256;
constexpr std::uint32_t budget_partitions = 32;
constexpr std::uint32_t quota_partitions = 32;
std::uint32_t partition_of(std::string_view uuid, std::uint32_t partitions);

// When things come due: spread over the run, before it, or long after it. Times of the store's clock, ms.
struct timing {
  std::int64_t now = 0;    // when the records are planned
  std::int64_t start = 0;  // the run begins: the host is ready
  std::int64_t end = 0;    // the run ends

  // Nothing comes due in the last moments, so that at the end it is clear what must have happened.
  static constexpr std::int64_t quiet = 3000;

  std::int64_t last_due() const noexcept { return end - quiet > start ? end - quiet : start; }

  std::int64_t in_the_run(dice& chance) const noexcept { return chance.between(start, last_due()); }
  // Work that waited: already due when the host comes up.
  std::int64_t overdue(dice& chance) const noexcept { return now - chance.between(100, 60'000); }
  // Not within this run, however late it ends; the longest run is shorter.
  static constexpr std::int64_t max_runtime = 4 * hour;
  std::int64_t later(dice& chance) const noexcept {
    return now + max_runtime + chance.between(hour, 12 * hour);
  }
};

struct record {
  std::uint64_t seed = 0;
  std::uint32_t partition = 0;
  std::uint32_t executions = 0;  // that it consists of
  std::int64_t due = 0;          // ms at which it is to change; 0: never in this run
  std::size_t situation = 0;     // the row of the table
};

struct range {
  std::uint32_t min, max;
};

// What a table's functions work on: a record's part of the store, and chance. A derived class draws what the
// record is about when it is constructed, always in the same order.
struct scene {
  static constexpr range executions{1, 1};
  // Over so many partitions by the UUID that is drawn first; 0: executions, which are dealt out in turn.
  static constexpr std::uint32_t hashed_over = 0;

  world& w;
  const record& r;
  const timing& times;
  std::string_view scanner;
  std::int64_t due = r.due;
  dice chance{r.seed};
};

// An execution on its own.
struct single : scene {
  explicit single(const scene& at)
      : scene(at),
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
  range executions = Subject::executions;
};

// One function after the other.
template <auto... Steps>
constexpr auto steps = [](auto& subject) { (Steps(subject), ...); };

class workload {
 public:
  // `weight` is its share of all executions; 0: it has records of another kind, of which there are fewer.
  template <class... Subject, std::size_t... Rows>
  workload(std::string_view scanner_name, std::size_t share, const situation<Subject> (&... tables)[Rows])
      : scanner(scanner_name), weight(share), hashed_over_(std::max({Subject::hashed_over...})) {
    const auto add = [this](const auto& row) {
      rows_.push_back({row.name, row.share, row.when, row.executions, run(row.write), run(row.expect)});
    };
    (std::ranges::for_each(tables, add), ...);
  }

  std::string_view scanner;
  std::size_t weight;

  void plan(const timing& times, dice& chance, std::size_t executions);  // about so many
  // What is written for a record.
  world before(const record& r) const;
  // Turns that into what must be there once the record's due time has passed.
  void after(const record& r, world& w) const { rows_[r.situation].expect({w, r, times_, scanner}); }
  // The name of its situation, for a message.
  std::string_view situation_of(const record& r) const { return rows_[r.situation].name; }

  const std::vector<record>& records() const noexcept { return records_; }
  bool is_in_run(const record& r) const noexcept { return r.due >= times_.start; }
  // Moves what comes due in the run to another run; what was planned for other times stays.
  void retime(std::int64_t start, std::int64_t end);

 private:
  using action = std::function<void(const scene&)>;
  struct row {
    std::string_view name;
    int share;
    comes_due when;
    range executions;
    action write, expect;
  };

  template <class Subject>
  static action run(void (*act)(Subject&)) {
    return [act](const scene& at) {
      if (act == nullptr) return;
      Subject subject(at);
      act(subject);
    };
  }

  std::uint32_t hashed_over_;
  std::vector<row> rows_;
  timing times_;
  std::vector<record> records_;
};

// A row, drawn by shares.
std::size_t draw(dice& chance, std::span<const int> shares) noexcept;

using workloads = std::vector<workload>;

void add_execution_work(workloads& loads);
void add_limit_work(workloads& loads);
void add_dependency_work(workloads& loads);
void add_flow_work(workloads& loads);

// The workloads of these plugins; plugins that have none are left out.
workloads workloads_for(const std::vector<std::string>& plugins);

// Plans `executions` over all of them by weight.
void plan_all(workloads& loads, const timing& times, std::uint64_t seed, std::size_t executions);

// The commands that write a record.
void commands_for(const world& w, std::vector<command>& commands);
// What every deployment has: the partition counts.
std::vector<command> common_commands();
// Writes the records that come due in the run, or all others, some thousand commands at a time, until the
// user interrupts, and returns how many it wrote. Throws problem.
std::size_t seed(store& to, const workloads& loads, bool in_run);

}  // namespace scanhost::demo
