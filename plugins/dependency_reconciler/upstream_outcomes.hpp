// SPDX-License-Identifier: Apache-2.0
//
// How upstream executions ended, as the children that wait for them may know it. Read once for each scan of
// a partition.
#pragma once

#include <map>
#include <optional>
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ff {

class upstream_outcomes {
 public:
  // Reads those of these ids that are not known yet. Yields those whose read failed, with the reason; they
  // count as having no outcome, like malformed ids and executions that have not ended. `cancelled` is set
  // when the host ended the scan meanwhile.
  scanhost::task<std::map<std::string, std::string>> load(scanhost::scan_context& scan,
                                                          std::vector<std::string> ids, bool& cancelled);

  // The outcome of one that was loaded; nothing: its edges wait.
  std::optional<std::string_view> of(const std::string& id) const;

  // A child that was skipped just now: whoever waits for it can be resolved, whatever was known before.
  void skipped(const std::string& id) { known_[id] = "skipped"; }

 private:
  std::unordered_map<std::string, std::optional<std::string>> known_;
};

}  // namespace ff
