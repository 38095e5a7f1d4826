// SPDX-License-Identifier: Apache-2.0
//
// Finds out whether the store is still in a state that keeps its scanner from working: asks for a key, or
// writes nothing to one that does not exist, so that the data stays as it is whatever the server answers.
//
// On the generation's thread.
#pragma once

#include <cstddef>
#include <functional>

#include "runner/record/record.hpp"
#include "store/client.hpp"

namespace scanhost::runner {

class store_probe {
 public:
  // `may_write`: not in a dry run, which only reads. `on_recovery`: a state is over. Both others have to
  // outlive it.
  store_probe(store::client& client, record& record, bool may_write, std::function<void()> on_recovery)
      : client_(client), record_(record), may_write_(may_write), on_recovery_(std::move(on_recovery)) {}

  // Asks about each state that can be asked about, unless it is asking already.
  void start();
  bool under_way() const noexcept { return asked_ > 0; }

 private:
  void ask(const store_trouble& trouble);
  void take(store::state asked_for, const scanhost_outcome& outcome);

  store::client& client_;
  record& record_;
  const bool may_write_;
  std::function<void()> on_recovery_;
  std::size_t asked_ = 0;
};

}  // namespace scanhost::runner
