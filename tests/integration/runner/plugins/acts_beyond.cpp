// SPDX-License-Identifier: Apache-2.0
//
// Asks for one turn in each partition, and sends so many acting commands of so many items each, all due now.
#include <scanhost/scanner.hpp>
#include <string>

namespace {

class acts_beyond : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    scanhost::description about;
    about.name = "acts_beyond";
    about.version = "1.0";
    about.families = {{"shard", "{s:*}", 4}};
    about.default_interval = scanhost::milliseconds(100);
    about.default_page_size = 10;
    about.options = {{"commands", scanhost::option_type::integer, "1", "for each partition"},
                     {"items", scanhost::option_type::integer, "1", "of each command"}};
    return about;
  }

  explicit acts_beyond(scanhost::services host)
      : commands_(host.integer("commands")), items_(static_cast<std::uint32_t>(host.integer("items"))) {}

  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
    scanhost::result sum;
    const auto pass = scan.pass(0);
    if (!co_await pass.next_page(0)) co_return sum;
    scanhost::batch calls;
    for (std::int64_t i = 0; i < commands_; ++i)
      calls.add("SET", "done:" + std::string(scan.tag()), i)
          .acts(std::to_string(i), scan.now())
          .items(items_);
    const auto done = co_await scan.execute(std::move(calls));
    sum.processed = done.size();
    co_return sum;
  }

 private:
  std::int64_t commands_;
  std::uint32_t items_;
};

}  // namespace

SCANHOST_PLUGIN(acts_beyond)
