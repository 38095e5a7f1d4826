// SPDX-License-Identifier: Apache-2.0
//
// Removes what is due from the sorted set `due:<tag>` of each partition, says when the next entry comes
// due, and samples the backlog, but for the partition of its option. An entry `bad...` fails.
#include <scanhost/scanner.hpp>
#include <string>

namespace {

class sweeps_due : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    scanhost::description about;
    about.name = "sweeps_due";
    about.version = "1.0";
    about.summary = "a test plugin";
    about.licence = "Apache-2.0";
    about.families = {{"shard", "{s:*}", 4}};
    about.default_interval = scanhost::milliseconds(100);
    about.default_page_size = 50;
    about.options = {
        {"unsampled", scanhost::option_type::integer, "-1", "partition without a sample", -1, 65535}};
    about.metric_prefix = "test_";
    about.backlog_gauge = "test_backlog_depth";
    return about;
  }

  explicit sweeps_due(scanhost::services host)
      : unsampled_(host.integer("unsampled")),
        failures_(host.failures()),
        removed_(host.counter("removed_total", "x")) {}

  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
    const auto key = "due:" + std::string(scan.tag());
    scanhost::result sum;
    const auto pass = scan.pass(0);
    std::uint32_t acted = 0;
    std::uint32_t offset = 0;  // entries that stay
    while (const auto turn = co_await pass.next_page(acted)) {
      auto page =
          co_await scan.execute(scanhost::command("ZRANGEBYSCORE", key, "-inf", scanhost::to_ms(scan.now()),
                                                  "WITHSCORES", "LIMIT", offset, turn.allowance));
      acted = 0;
      if (!page.front().ok()) {
        ++sum.errors;
        break;
      }
      const auto found = page.front().reply();
      const auto count = static_cast<std::uint32_t>(found.size() / 2);
      scanhost::batch calls;
      for (std::uint32_t i = 0; i < count; ++i) {
        const auto item = found[i * 2].text();
        if (failures_.should_skip(scan, item)) {
          ++sum.skipped;
          ++offset;
          continue;
        }
        const auto due = scanhost::parse_integer<std::int64_t>(found[i * 2 + 1].text()).value_or(0);
        auto call = item.starts_with("bad") ? scanhost::command("HGET", key, "f")
                                            : scanhost::command("ZREM", key, item);
        calls.add(std::move(call)).acts(item, scanhost::timestamp(scanhost::milliseconds(due)));
      }
      acted = static_cast<std::uint32_t>(calls.size());
      auto done = co_await scan.execute(std::move(calls));
      std::uint32_t called = 0;
      for (std::uint32_t i = 0; i < count && called < done.size(); ++i) {
        const auto item = found[i * 2].text();
        if (failures_.should_skip(scan, item)) continue;
        judge(scan, done[called++], item, sum, offset);
      }
      if (count < turn.allowance) break;
    }
    scanhost::batch questions;
    questions.add("ZRANGEBYSCORE", key, scanhost::to_ms(scan.now()) + 1, "+inf", "WITHSCORES", "LIMIT", 0, 1);
    questions.add("ZCARD", key);
    auto ahead = co_await scan.execute(std::move(questions));
    if (ahead[0].ok() && ahead[0][1].is_text())
      sum.next_due = scanhost::timestamp(
          scanhost::milliseconds(scanhost::parse_integer<std::int64_t>(ahead[0][1].text()).value_or(0)));
    if (ahead[1].ok() && static_cast<std::int64_t>(scan.index()) != unsampled_)
      sum.backlog = static_cast<std::uint64_t>(ahead[1].reply().integer());
    co_return sum;
  }

 private:
  void judge(const scanhost::scan_context& scan, scanhost::outcome done, std::string_view item,
             scanhost::result& sum, std::uint32_t& offset) {
    if (done.ok()) {
      ++sum.processed;
      if (done.reply().integer() == 0) ++sum.unchanged;
      failures_.success(scan, item);
      removed_.record(1);
      return;
    }
    ++sum.errors;
    ++offset;
    failures_.failure(scan, item, done.message());
  }

  std::int64_t unsampled_;
  scanhost::failures failures_;
  scanhost::metric removed_;
};

}  // namespace

SCANHOST_PLUGIN(sweeps_due)
