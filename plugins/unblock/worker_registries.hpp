// SPDX-License-Identifier: Apache-2.0
//
// Which registries the engine's workers write: the global one (libraries before 32), that of their namespace
// (since then), or, where the library does not tell, both.
#pragma once

#include <scanhost/scanner.hpp>
#include <string>
#include <vector>

namespace ff {

struct worker_registries {
  bool global = false;
  bool namespaced = false;
  std::string problem = {};  // why it cannot be told; empty: it can
  bool cancelled = false;    // the host ended the scan meanwhile
};

// The option `worker_registry`: auto, global, namespaced or both.
scanhost::option worker_registry_option();

// The functions of the library that `auto` goes by, where they are.
std::vector<std::string> registry_functions();

class registry_choice {
 public:
  // `text`: one of the option's choices.
  registry_choice(scanhost::services host, const std::string& text);

  // What the option says; with `auto`, what the function library on the server says, which is asked at most
  // once in each cycle. The answer lives until the next cycle.
  scanhost::task<const worker_registries*> get(scanhost::scan_context& scan);

 private:
  scanhost::task<worker_registries> ask_library(scanhost::scan_context& scan) const;

  scanhost::services host_;
  bool automatic_;
  worker_registries fixed_;
  scanhost::per_cycle<worker_registries> found_;
};

}  // namespace ff
