// SPDX-License-Identifier: Apache-2.0
//
// Which budgets leave no room for an execution that waits for them. Read once for each scan of a partition. A
// budget that cannot be read keeps its executions blocked.
#pragma once

#include <cstdint>
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ff {

class budget_breaches {
 public:
  // Reads the budgets that are not known yet, of these lists of ids. `cancelled` is set when the host ended
  // the scan meanwhile.
  scanhost::task<void> load(scanhost::scan_context& scan, const std::vector<std::string>& lists,
                            const scanhost::services& host, bool& cancelled);

  // Whether every budget of the list has room. Ids that are no UUID texts count as such.
  bool all_have_room(std::string_view list) const;

 private:
  struct unread;
  scanhost::task<void> read_usage(scanhost::scan_context& scan, std::vector<unread> budgets,
                                  const scanhost::services& host, bool& cancelled);

  std::unordered_map<std::string, bool> breached_;
};

}  // namespace ff
