// SPDX-License-Identifier: Apache-2.0
//
// Throws inside `scan` of partition 2, through the C++ face of the SDK.
#include <scanhost/scanner.hpp>
#include <stdexcept>

namespace {

class throws_in_scan : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    scanhost::description about;
    about.name = "throws_in_scan";
    about.version = "1.0";
    about.summary = "a test plugin";
    about.families = {{"shard", "{s:*}", 4}};
    about.default_interval = scanhost::milliseconds(100);
    return about;
  }
  explicit throws_in_scan(scanhost::services) {}
  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
    auto reply = co_await scan.execute(scanhost::command("PING"));
    if (scan.index() == 2) throw std::runtime_error("partition two is cursed");
    scanhost::result result;
    result.processed = 1;
    co_return result;
  }
};

}  // namespace

SCANHOST_PLUGIN(throws_in_scan)
