// SPDX-License-Identifier: Apache-2.0
//
// A third party's scanner, in three releases: removes what is due from `due:{s:N}`. The last release is
// broken: it throws in each scan.
#include <scanhost/scanner.hpp>
#include <stdexcept>
#include <string>

namespace {

class nightly : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    scanhost::description about;
    about.name = "nightly";
    about.version = NIGHTLY_VERSION;
    about.summary = "removes what is due";
    about.licence = "Apache-2.0";
    about.families = {{"shard", "{s:*}", 4}};
    about.default_interval = scanhost::milliseconds(200);
    return about;
  }

  explicit nightly(scanhost::services) {}

  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
#ifdef NIGHTLY_BROKEN
    throw std::runtime_error("the table of shards is empty");
#endif
    const auto key = "due:" + std::string(scan.tag());
    scanhost::result sum;
    const auto pass = scan.pass(0);
    std::uint32_t acted = 0;
    while (const auto turn = co_await pass.next_page(acted)) {
      auto page = co_await scan.execute(scanhost::command(
          "ZRANGEBYSCORE", key, "-inf", scanhost::to_ms(scan.now()), "LIMIT", 0, turn.allowance));
      if (!page.front().ok()) {
        sum.errors = 1;
        co_return sum;
      }
      scanhost::batch calls;
      for (std::size_t i = 0; i < page.front().reply().size(); ++i) {
        const auto item = page.front().reply()[i].text();
        calls.add(scanhost::command("ZREM", key, item)).acts(item);
      }
      acted = static_cast<std::uint32_t>(calls.size());
      if (acted == 0) break;
      const auto done = co_await scan.execute(std::move(calls));
      for (std::size_t i = 0; i < done.size(); ++i) ++(done[i].ok() ? sum.processed : sum.errors);
    }
    co_return sum;
  }
};

}  // namespace

SCANHOST_PLUGIN(nightly)
