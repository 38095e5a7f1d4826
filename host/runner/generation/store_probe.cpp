// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/store_probe.hpp"

#include <array>
#include <memory>
#include <string>

#include "scanhost/text.hpp"
#include "store/connection/host_commands.hpp"

namespace scanhost::runner {

void store_probe::start() {
  if (under_way() || !record_.has_store_trouble()) return;
  for (const auto& trouble : record_.store_troubles()) ask(trouble);
}

void store_probe::ask(const store_trouble& trouble) {
  const auto refuses = store::facts_of(trouble.state).refuses;
  if (refuses != store::refusal::all && refuses != store::refusal::writes) return;
  // Behind the route, so that it lies on the node that the state was met on.
  const auto key = trouble.route + std::string(store::probe_key_end);
  const std::array reads{to_c("EXISTS"), to_c(key)};
  const std::array writes{to_c("SETRANGE"), to_c(key), to_c("0"), to_c("")};  // of no bytes: creates no key
  const bool only_writes = may_write_ && refuses == store::refusal::writes;
  scanhost_command command{};
  command.struct_size = sizeof command;
  command.args = only_writes ? writes.data() : reads.data();
  command.arg_count = only_writes ? writes.size() : reads.size();
  ++asked_;
  client_.execute(&command, 1, sizeof command, trouble.route,
                  [this, state = trouble.state](std::unique_ptr<store::reply_batch> replies) {
                    --asked_;
                    take(state, replies->raw()->outcomes[0]);
                  });
}

void store_probe::take(store::state asked_for, const scanhost_outcome& outcome) {
  if (outcome.reply == nullptr) return;  // the store is away, or the scanner ends
  const bool refused = outcome.kind != SCANHOST_OUTCOME_REPLY;
  const auto found = refused ? store::judge(view(outcome.message)) : store::verdict{};
  if (found.fault == store::fault::store && found.state == asked_for) return;
  // A user that may not do this is told so before the server looks at anything else.
  if (refused && found.state != store::state::serving) return record_.distrust_probes(asked_for);
  record_.end_store_trouble(asked_for);
  on_recovery_();
}

}  // namespace scanhost::runner
