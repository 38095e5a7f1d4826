// SPDX-License-Identifier: Apache-2.0
//
// Whether quota policies would admit one more execution.
#pragma once

#include <map>
#include <scanhost/scanner.hpp>
#include <string>
#include <vector>

namespace ff {

enum class admission {
  open,
  closed,      // a limit is reached, or the definition cannot be read (reported)
  unreadable,  // the window or the counter cannot be read
  cancelled    // the host ended the scan meanwhile
};

struct quota_answer {
  admission admits = admission::open;
  std::string reason = {};  // of an unreadable one
};

// Reads each policy once, and trims its window as a side effect, unless it `only_reads`. Ids that are empty
// or no UUID texts are open. Not cached: the answers are as of now.
scanhost::task<std::map<std::string, quota_answer>> read_admissions(scanhost::scan_context& scan,
                                                                    const std::vector<std::string>& ids,
                                                                    const scanhost::services& host,
                                                                    bool only_reads = false);

}  // namespace ff
