// SPDX-License-Identifier: Apache-2.0
//
// Has a series without a label from the start, and one for the queue of its option `file` from its first scan
// on. Its third is the log level that the host answers.
#include <scanhost/scanner.hpp>
#include <string>

namespace {

class keeps_series : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    scanhost::description about;
    about.name = "keeps_series";
    about.version = "1.0";
    about.families = {{"shard", "{s:*}", 4}};
    about.default_interval = scanhost::milliseconds(100);
    about.options = {{"file", scanhost::option_type::text, "", "the queue"}};
    return about;
  }

  explicit keeps_series(scanhost::services host)
      : host_(host),
        queue_(host.text("file")),
        scans_(host.counter("scans_total", "Scans.")),
        level_(host.gauge("level", "The log level.")) {}

  scanhost::task<scanhost::result> scan(scanhost::scan_context&) override {
    scans_.record(1);
    level_.record(host_.raw()->log_level(host_.raw()));
    host_.gauge("seen", "Seen.", {{"queue", queue_}}).record(1);
    co_return scanhost::result{};
  }

 private:
  scanhost::services host_;
  std::string queue_;
  scanhost::metric scans_;
  scanhost::metric level_;
};

}  // namespace

SCANHOST_PLUGIN(keeps_series)
