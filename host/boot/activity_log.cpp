// SPDX-License-Identifier: Apache-2.0
#include "boot/activity_log.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/counted.hpp"
#include "base/log.hpp"

namespace scanhost::boot {
namespace {

// Of a count that begins anew with a scanner of the same name.
std::uint64_t increase(std::uint64_t now, std::uint64_t before) noexcept {
  return now >= before ? now - before : now;
}

}  // namespace

void activity_log::report(const std::vector<runner::scanner_status>& scanners, base::steady_time now) {
  if (next_ && now < *next_) return;
  const bool first = !next_;
  next_ = now + period;
  std::map<std::string, activity> present;
  activity all;
  std::size_t active = 0;
  for (const auto& scanner : scanners) {
    const auto& total = present[scanner.name] = activity_of(scanner);
    const auto done = difference(total, before_[scanner.name]);
    all.add(done);
    if (first || !done.is_worth_a_line()) continue;
    ++active;
    log_scanner(scanner.name, done, scanner.items_in_back_off);
  }
  before_ = std::move(present);
  if (!first) log_host(scanners.size(), active, all);
}

activity_log::activity activity_log::activity_of(const runner::scanner_status& scanner) {
  return {scanner.cycles,         scanner.totals.processed, scanner.totals.unchanged, scanner.totals.errors,
          scanner.totals.skipped, scanner.store_errors,     scanner.repeated_lines,   scanner.failure_causes};
}

void activity_log::activity::add(const activity& more) {
  cycles += more.cycles;
  processed += more.processed;
  unchanged += more.unchanged;
  errors += more.errors;
  skipped += more.skipped;
  store_errors += more.store_errors;
  repeated_lines += more.repeated_lines;
}

activity_log::activity activity_log::difference(const activity& now, const activity& before) {
  activity done{increase(now.cycles, before.cycles),
                increase(now.processed, before.processed),
                increase(now.unchanged, before.unchanged),
                increase(now.errors, before.errors),
                increase(now.skipped, before.skipped),
                increase(now.store_errors, before.store_errors),
                increase(now.repeated_lines, before.repeated_lines),
                {}};
  for (const auto& [cause, count] : now.causes) {
    const auto known = before.causes.find(cause);
    const auto more = increase(count, known == before.causes.end() ? 0 : known->second);
    if (more > 0) done.causes.emplace(cause, more);
  }
  return done;
}

std::string activity_log::text_of(const activity& done) {
  auto text = fmt::format("in {} s: cycles={} processed={} unchanged={} errors={} skipped={}", period.count(),
                          done.cycles, done.processed, done.unchanged, done.errors, done.skipped);
  if (done.store_errors > 0) text += fmt::format(" store_errors={}", done.store_errors);
  if (done.repeated_lines > 0) text += fmt::format(" repeated_lines={}", done.repeated_lines);
  return text;
}

void activity_log::log_scanner(const std::string& name, const activity& done, std::uint64_t in_back_off) {
  auto text = text_of(done);
  if (in_back_off > 0) text += fmt::format(" in_back_off={}", in_back_off);
  for (const auto& [cause, count] : done.causes)
    text += fmt::format("; {} for: {}", base::counted(count, "failure"), cause);
  base::log(base::events::scanner_activity, name, text,
            {{"cycles", std::to_string(done.cycles)},
             {"processed", std::to_string(done.processed)},
             {"unchanged", std::to_string(done.unchanged)},
             {"errors", std::to_string(done.errors)},
             {"skipped", std::to_string(done.skipped)},
             {"store_errors", std::to_string(done.store_errors)}});
}

void activity_log::log_host(std::size_t scanners, std::size_t active, const activity& done) {
  base::log(base::events::host_alive, {},
            fmt::format("alive: {}, {} of them with changes or errors; {}",
                        base::counted(scanners, "scanner"), active, text_of(done)),
            {{"scanners", std::to_string(scanners)},
             {"cycles", std::to_string(done.cycles)},
             {"processed", std::to_string(done.processed)},
             {"errors", std::to_string(done.errors)},
             {"repeated_lines", std::to_string(done.repeated_lines)}});
}

}  // namespace scanhost::boot
