// SPDX-License-Identifier: Apache-2.0
//
// The host that a plugin meets in a check: the fake host of the test kit in its strict settings, so that an
// author's unit test and `plugin verify` find the same. Replies are in memory that traps accesses that are
// too late, callbacks come in a shuffled order, and each broken rule is reported to the witness. Its store
// has what the plugin asks for (verify/invented_store), or what was given.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "plugin/descriptor.hpp"
#include "scanhost/testing/fake_host.hpp"
#include "verify/invented_store.hpp"
#include "verify/ledger.hpp"
#include "verify/reply_memory.hpp"
#include "verify/witness.hpp"

namespace scanhost::verify {

inline constexpr int usual_entries = 12;
inline constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

// An open plugin, and what its checks were given.
struct subject_plugin : plugin::checked_descriptor {
  config::option_values values;  // of its options; of those that are not there, the defaults
  store_commands store;          // write what the store holds; empty: it holds what the plugin asks for
};

// How this host behaves.
struct behaviour {
  // In place of the store's answer; null, or nothing: the store answers.
  std::function<std::optional<testing::answer>(const testing::call&)> instead = {};
  // Is shown every command before it is answered; null: nobody listens.
  std::function<void(const testing::call&)> heard = {};
  bool has_data = true;         // false: the store is empty
  bool refills = true;          // false: what a cycle left is what the next one finds
  int entries = usual_entries;  // of each collection in the store, that are due
  std::function<testing::effect(const testing::call&)> effects =
      {};  // of acting calls; null: each removes its item
  // How many candidates the page of a pass (from 0) may act on; 0: stop.
  std::function<std::uint32_t(std::uint32_t page)> turns = {};
  std::size_t beyond = 0;            // bytes by which its structs are longer than this ABI says, at most 256
  bool plausible = true;             // a server could give its answers, so the counts of a scan can be judged
  std::size_t cancel_after = never;  // after how many answers all scans are cancelled
  std::uint32_t page_size = 0;       // what the scanner is told; 0: the plugin's default
  bool back_off = false;             // items that fail are passed over for some cycles
  bool judges_calls = false;         // its acting calls are counted against its turns
  bool whole_collections = false;    // cursors offer small collections whole, whatever COUNT says
};

class strict_host final : public testing::fake_host {
 public:
  // All of them have to outlive this host. It belongs to the thread that creates it.
  strict_host(const subject_plugin& plugin, behaviour how, reply_memory& memory, witness& reports);

  std::size_t answers() const noexcept { return answers_; }
  // How many commands of a scan are unknown to the model of a store.
  std::size_t unknown_commands(scan_id scan) const;
  void forget_finished();
  void begin_round();  // a cycle or early visit: the store is as it was at first, if it refills
  void judge_calls();  // once the scans have ended
  const ledger& sent() const noexcept { return ledger_; }
  exercise exercised() const;

 private:
  void invent_option(const config::description& plugin);
  void violated(testing::rule broken, const std::string& what) override;
  void before_answer(std::string_view tag, bool in_callback) override;
  testing::answer answer_to_command(scan_id scan, const testing::call& asked) override;
  void log(std::int32_t level, std::string_view message, std::span<const scanhost_field> fields) override;
  void record(scanhost_metric* metric, double value) override;
  std::int32_t mode() override;

  behaviour how_;
  witness& reports_;
  invented_store store_;
  ledger ledger_;
  bool mode_asked_ = false;
  std::map<scan_id, std::size_t> unknown_commands_;
  std::size_t answers_ = 0;
  std::size_t answers_at_cancel_ = never;
};

}  // namespace scanhost::verify
