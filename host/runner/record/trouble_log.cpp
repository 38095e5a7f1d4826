// SPDX-License-Identifier: Apache-2.0
#include "runner/record/trouble_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/counted.hpp"
#include "base/log.hpp"

namespace scanhost::runner {

namespace {

constexpr std::string_view every_scanner = "store";  // the name of the lines that are no scanner's

std::string words_of(store::state which) {
  std::string words(store::label_of(which));
  std::ranges::replace(words, '_', ' ');
  return words;
}

void log_begin(std::string_view name, const std::string& store, const store_trouble& trouble) {
  const auto& facts = store::facts_of(trouble.state);
  const auto advice = facts.advice.empty() ? std::string() : fmt::format("; what helps: {}", facts.advice);
  base::log(facts.passes ? base::events::store_troubled : base::events::store_refuses, name,
            fmt::format("store {}: the server {}: {}; no item and no build is blamed for it{}", store,
                        facts.sentence, trouble.text, advice),
            {{"error", trouble.text}, {"cause", store::label_of(trouble.state)}});
}

void log_end(std::string_view name, const std::string& store, const store_trouble& trouble,
             std::size_t scanners) {
  const auto length = std::chrono::duration<double>(base::steady::now() - trouble.began).count();
  const auto of = scanners == 0 ? std::string() : fmt::format(" of {}", base::counted(scanners, "scanner"));
  base::log(base::events::store_recovered, name,
            fmt::format("store {}: '{}' is over after {:.1f} s; it refused {}{}", store,
                        words_of(trouble.state), length, base::counted(trouble.commands, "command"), of),
            {{"cause", store::label_of(trouble.state)}});
}

}  // namespace

void trouble_log::begin(const std::string& store, const std::string& scanner, const store_trouble& trouble) {
  if (!store::facts_of(trouble.state).of_the_server) return log_begin(scanner, store, trouble);
  const std::lock_guard lock(mutex_);
  auto& met = episodes_[{store, trouble.state}];
  if (!met.scanners.insert(scanner).second) return;
  if (++met.met_by > 1) return;
  met.began = trouble.began;
  log_begin(every_scanner, store, trouble);
}

void trouble_log::end(const std::string& store, const std::string& scanner, const store_trouble& trouble) {
  if (!store::facts_of(trouble.state).of_the_server) return log_end(scanner, store, trouble, 0);
  const std::lock_guard lock(mutex_);
  const auto found = episodes_.find({store, trouble.state});
  if (found == episodes_.end()) return;
  auto& met = found->second;
  met.commands += trouble.commands;
  met.scanners.erase(scanner);
  if (!met.scanners.empty()) return;
  auto total = trouble;
  total.commands = met.commands;
  total.began = met.began;
  log_end(every_scanner, store, total, met.met_by);
  episodes_.erase(found);
}

void trouble_log::leave(const std::string& store, const std::string& scanner, const store_trouble& trouble) {
  const std::lock_guard lock(mutex_);
  const auto found = episodes_.find({store, trouble.state});
  if (found == episodes_.end()) return;
  found->second.commands += trouble.commands;
  found->second.scanners.erase(scanner);
  if (found->second.scanners.empty()) episodes_.erase(found);
}

trouble_log& shared_trouble_log() {
  static trouble_log& log = *std::make_unique<trouble_log>().release();  // threads may outlive the statics
  return log;
}

}  // namespace scanhost::runner
