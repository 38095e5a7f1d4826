// SPDX-License-Identifier: Apache-2.0
//
// Of the family `node`: samples the number of a node's keys as its backlog, so that the backlog of a cycle in
// which each primary was visited once is the number of all keys.
#include <scanhost/scanner.hpp>

namespace {

class counts_keys : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    return {.name = "counts_keys",
            .version = "1.0",
            .summary = "a test plugin",
            .licence = "Apache-2.0",
            .families = {{.name = "node"}},
            .default_interval = scanhost::milliseconds(100),
            .default_page_size = 100,
            .metric_prefix = "counts_keys_",
            .backlog_gauge = "counts_keys_keys"};
  }

  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
    scanhost::result found;
    const auto answers = co_await scan.execute(scanhost::command("DBSIZE"));
    if (!answers[0]) {
      ++found.errors;
      co_return found;
    }
    found.backlog = static_cast<std::uint64_t>(answers[0].reply().integer());
    ++found.skipped;
    co_return found;
  }
};

}  // namespace

SCANHOST_PLUGIN(counts_keys)
