// SPDX-License-Identifier: Apache-2.0
//
// The same steps a thousand times: the memory in use must not grow.
#include <array>
#include <cstdint>
#include <string>

#include "verify/process_state.hpp"
#include "verify/subject.hpp"

namespace scanhost::verify {
namespace {

constexpr std::size_t rounds = 1000;
constexpr int few_entries = 4;  // in a collection, so that many rounds take little time
constexpr std::size_t rounds_of_loading = 60;
constexpr std::int64_t bytes_a_round = 4;       // a leak in each round takes more than this in both halves
constexpr std::int64_t bytes_a_loading = 4096;  // the dynamic loader keeps some memory itself

// A warm-up, then two halves: memory that is allocated once and kept does not count as growth.
template <class Round>
void measure(witness& reports, std::size_t count, std::int64_t allowed, const std::string& what,
             Round round) {
  reports.look_for({fault::growth});
  for (std::size_t i = 0; i < count / 10; ++i) round();
  const auto begin = heap_in_use();
  for (std::size_t i = 0; i < count / 2; ++i) round();
  const auto middle = heap_in_use();
  for (std::size_t i = 0; i < count / 2; ++i) round();
  const auto end = heap_in_use();
  const auto min_growth = allowed * static_cast<std::int64_t>(count / 2);
  reports.step("");
  if (middle - begin < min_growth || end - middle < min_growth) return;
  reports.found(fault::growth, "memory in use grows by " +
                                   std::to_string((end - begin) / static_cast<std::int64_t>(count)) +
                                   " bytes with each " + what + " (" + std::to_string(count) + " of them)");
}

behaviour in_a_small_store(const config::description& plugin) {
  auto how = usual(plugin);
  how.entries = few_entries;
  return how;
}

void created_instances(child_task& task) {
  auto subject = open_subject(task);
  reply_memory memory;
  measure(task.reports, rounds, bytes_a_round, "create and destroy", [&] {
    trial life(subject.plugin, in_a_small_store(subject.plugin.description), memory, task.reports);
    life.create();
    life.destroy();
  });
}

// With a single instance, since memory that only destroy frees would grow for months.
void finished_scans(child_task& task) {
  auto subject = open_subject(task);
  reply_memory memory;
  auto how = in_a_small_store(subject.plugin.description);
  how.turns = [size = subject.plugin.description.default_page_size](std::uint32_t page) {
    return page == 0 ? size : 0U;
  };
  trial life(subject.plugin, std::move(how), memory, task.reports);
  life.create();
  measure(task.reports, rounds, bytes_a_round, "cycle of some scans", [&] {
    life.cycle();
    life.forget_finished();
  });
  life.destroy();
}

void growth_of_dropped_scans(child_task& task) {
  auto subject = open_subject(task);
  if (subject.plugin.description.serial) return;  // each of its scans ends inside one call
  reply_memory memory;
  std::size_t moment = 0;
  measure(task.reports, rounds, bytes_a_round, "scan in flight when its instance is destroyed", [&] {
    trial life(subject.plugin, in_a_small_store(subject.plugin.description), memory, task.reports);
    life.create();
    life.begin_cycle();
    life.start(0);
    for (std::size_t i = 0; i < moment % 4 && life.step(); ++i) {
    }
    ++moment;
    life.destroy();
  });
}

void loaded_libraries(child_task& task) {
  reply_memory memory;
  measure(task.reports, rounds_of_loading, bytes_a_loading, "loading and unloading", [&] {
    auto subject = open_subject(task);
    live_once(subject.plugin, memory, task.reports);
    subject.close();
  });
}

constexpr child_check growth_check_table[] = {
    {"growth_of_instances", "1,000 rounds of create and destroy leave no memory in use", &created_instances},
    {"growth_of_scans", "1,000 cycles of one instance leave no memory in use", &finished_scans},
    {"growth_of_dropped_scans", "1,000 lives that end with a scan in flight leave no memory in use",
     &growth_of_dropped_scans},
    {"growth_of_libraries", "loading and unloading 60 times leaves no memory in use", &loaded_libraries}};

}  // namespace

std::span<const child_check> growth_checks() noexcept { return growth_check_table; }

}  // namespace scanhost::verify
