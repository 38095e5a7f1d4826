// SPDX-License-Identifier: Apache-2.0
//
// Whether partitions have an index at all, asked for many of them with one command. For indexes that hardly
// any partition has at a time: those that have none cost nothing more.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>

#include "common/page_gate.hpp"

namespace ff {

class index_survey {
 public:
  // The name of an index of the flow partitions, as for index_key().
  explicit index_survey(std::string_view index) : index_(index) {}

  // False: the scan's partition does not have the index. True: it may have it. The first scan asks for its
  // neighbours as well; those that want to know at about the same time wait for that answer.
  scanhost::task<bool> may_exist(scanhost::scan_context& scan);

 private:
  // Neighbouring partitions that are asked for together.
  struct neighbourhood {
    page_gate gate{1};
    std::optional<scanhost::timestamp> answered_at = {};
    bool may_exist = true;
    bool askable = true;  // false: the store takes no command with keys of several slots
  };

  scanhost::task<void> ask(scanhost::scan_context& scan, neighbourhood& here) const;

  std::string_view index_;
  std::deque<neighbourhood> neighbourhoods_;
};

}  // namespace ff
