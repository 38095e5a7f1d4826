// SPDX-License-Identifier: Apache-2.0
//
// Contexts by their settings. Each is made once and shared by all connections, until one of its files
// changes: then the next connection gets a new one. Connections that exist keep theirs.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tls/context.hpp"

namespace scanhost::tls {

// Any thread.
class context_cache {
 public:
  // The context of the files as they are now. If they have changed and cannot be used, such as in the middle
  // of a rotation, it is the one of the files as they were, and `warning` says why. An error: they could
  // never be used.
  struct found {
    std::shared_ptr<const tls::context> context;
    std::string warning;  // names the key; empty: none
  };
  file_result<found> find(const settings& settings);

 private:
  struct entry {
    settings made_for;
    file_stamps seen;  // at the last attempt
    std::shared_ptr<const tls::context> context;
    std::string warning;
  };

  static void renew(entry& known, file_stamps now);

  std::mutex mutex_;
  std::vector<entry> entries_;  // the oldest first
};

// That of this process: its connections are made by many threads and commands.
context_cache& shared_contexts();

}  // namespace scanhost::tls
