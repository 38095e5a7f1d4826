// SPDX-License-Identifier: Apache-2.0
//
// The host that a plugin meets in a check: the fake host of the test kit in its strict settings, so that an
// author's unit test and `plugin verify` find the same. Replies are in memory that traps accesses that are
// too late, callbacks come in a shuffled order, and each broken rule is reported to the witness.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string_view>

#include "config/settings.hpp"
#include "plugin/descriptor.hpp"
#include "scanhost/testing/fake_host.hpp"
#include "verify/reply_memory.hpp"
#include "verify/witness.hpp"

namespace scanhost::verify {

inline constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

// An open plugin, and the values of its options; of those that are not there, the defaults.
struct subject_plugin : plugin::checked_descriptor {
  config::option_values values;
};

// How this host behaves.
struct behaviour {
  testing::answer_to answers;
  // How many candidates the page of a pass (from 0) may act on; 0: stop.
  std::function<std::uint32_t(std::uint32_t page)> turns;
  std::size_t beyond = 0;            // bytes by which its structs are longer than this ABI says, at most 256
  bool plausible = true;             // a server could give its answers, so the counts of a scan can be judged
  std::size_t cancel_after = never;  // after how many answers all scans are cancelled
};

class strict_host final : public testing::fake_host {
 public:
  // All of them have to outlive this host. It belongs to the thread that creates it.
  strict_host(const subject_plugin& plugin, behaviour how, reply_memory& memory, witness& reports);

  std::size_t answers() const noexcept { return answers_; }
  // How many commands of a scan are unknown to the models of a store.
  std::size_t unknown_commands(scan_id scan) const;
  void forget_finished();

 private:
  void invent_option(const config::description& plugin);
  void violated(testing::rule broken, const std::string& what) override;
  void before_answer(std::string_view tag, bool in_callback) override;
  testing::answer answer_to_command(scan_id scan, const testing::call& asked) override;
  void log(std::int32_t level, std::string_view message, std::span<const scanhost_field> fields) override;
  void record(scanhost_metric* metric, double value) override;

  behaviour how_;
  witness& reports_;
  std::map<scan_id, std::size_t> unknown_commands_;
  std::size_t answers_ = 0;
  std::size_t answers_at_cancel_ = never;
};

}  // namespace scanhost::verify
