// SPDX-License-Identifier: Apache-2.0
//
// Answers questions about items, one after the other: it has the plugin asked in the partition in which an
// item lies, or in all of them in turn. On the generation's thread, between other calls of the plugin.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "runner/generation/alarm.hpp"
#include "runner/instance/instance.hpp"
#include "runner/record/item_explanation.hpp"
#include "runner/scan/scans.hpp"
#include "runner/scan/swept_family.hpp"
#include "scanhost/ext/explain.h"
#include "store/client.hpp"

namespace scanhost::runner {

class explainer {
 public:
  static constexpr std::size_t max_waiting = 16;      // questions; more are refused
  static constexpr std::size_t max_findings = 256;    // of one answer
  static constexpr std::size_t max_text_size = 1024;  // bytes of an index or a reason

  // `redact`: takes the plugin's secrets out of what it says. `ring`: has step() called soon.
  explainer(boost::asio::io_context& context, store::client& client, scans& scans, const swept_family& family,
            std::function<std::string(std::string_view)> redact, std::function<void()> ring)
      : client_(client),
        scans_(scans),
        family_(family),
        redact_(std::move(redact)),
        ring_(ring),
        deadline_(context, std::move(ring)) {}

  void ask(item_question question);

  // Begins, goes on with or answers a question. True: something was done. `cycle`: the current or last one.
  bool step(instance& instance, std::uint64_t cycle);

  // The instance ends: all questions are answered with this problem.
  void end(const std::string& problem);

 private:
  void begin(instance& instance);
  std::optional<std::uint32_t> index_of(std::string_view item, instance& instance) const;
  std::optional<std::uint32_t> index_by_tag(std::string_view item) const;
  bool ask_next_partition(std::uint64_t cycle);
  bool clock_is_known(const std::string& route);
  void take(const explanation_end& end);
  void note_problem(const std::string& problem);
  void answer();
  void drop_those_that_are_not_here();
  scanhost_status add(const scanhost_finding* found);
  static scanhost_status add_finding(void* self, const scanhost_finding* found) noexcept;
  std::string shown(scanhost_string text) const;

  store::client& client_;
  scans& scans_;
  const swept_family& family_;
  const std::function<std::string(std::string_view)> redact_;
  const std::function<void()> ring_;
  alarm deadline_;
  std::deque<item_question> questions_;  // the first of them is under way, if any is
  bool under_way_ = false;
  bool asking_clock_ = false;
  bool knows_clock_ = false;  // of the node of the next partition
  std::uint64_t number_ = 0;  // of the question that is under way
  bool asking_ = false;       // the plugin explains the item in a partition
  std::uint32_t next_ = 0;    // index of the partition to be asked next
  std::uint32_t end_ = 0;     // behind the last
  std::string tag_;           // of the partition that is asked
  item_explanation answer_;
};

}  // namespace scanhost::runner
