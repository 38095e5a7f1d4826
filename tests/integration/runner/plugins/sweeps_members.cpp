// SPDX-License-Identifier: Apache-2.0
//
// Removes what is due from the sorted set `due:<tag>` of each member and says when the next entry comes due.
// An entry `bad...` fails. Counts its scans in the hash `scans`, by tag, and those of early visits in
// `early`. A scan whose key `slow:<tag>` exists waits that many ms before its first page.
//
// MEMBERS is from_option, from_key or from_plugin; there begin_cycle names the elements of the list `named`.
#include <scanhost/scanner.hpp>
#include <string>

namespace {

#define TEXT_OF(name) #name
#define PLUGIN_NAME(members) "sweeps_members_" TEXT_OF(members)

constexpr auto kind = scanhost::members::MEMBERS;

class sweeps_members : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    scanhost::family queue{"queue", "{q:*}"};
    queue.members = kind;
    if (kind == scanhost::members::from_option) queue.members_from = "queues";
    if (kind == scanhost::members::from_key) queue.members_from = "all:queues";
    scanhost::description about;
    about.name = PLUGIN_NAME(MEMBERS);
    about.version = "1.0";
    about.summary = "a test plugin";
    about.licence = "Apache-2.0";
    about.families = {queue};
    about.default_interval = scanhost::milliseconds(100);
    about.default_page_size = 10;
    about.options = {{"queues", scanhost::option_type::text_list}};
    about.metric_prefix = "test_";
    about.backlog_gauge = "test_backlog_depth";
    return about;
  }

  explicit sweeps_members(scanhost::services host) : host_(host), failures_(host.failures()) {}

  scanhost::task<scanhost::result> begin_cycle(scanhost::cycle_context& cycle) override {
    if (kind != scanhost::members::from_plugin) co_return scanhost::result{};
    auto named = co_await cycle.execute(scanhost::command("LRANGE", "named", 0, -1));
    if (!named.front().ok()) throw std::runtime_error(std::string(named.front().message()));
    const auto members = named.front().reply();
    for (std::size_t i = 0; i < members.size(); ++i) cycle.add_member(members[i].text());
    co_return scanhost::result{};
  }

  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
    const std::string tag(scan.tag());
    if (tag != "{q:" + std::string(scan.member()) + "}") throw std::runtime_error("a wrong member");
    if (scan.partition_count() != host_.partition_count("queue") || scan.index() >= scan.partition_count())
      throw std::runtime_error("a wrong index");
    auto first = co_await scan.execute(scanhost::command("GET", "slow:" + tag));
    if (first.front().ok() && first.front().reply().is_text())
      co_await scan.after(scanhost::milliseconds(
          scanhost::parse_integer<std::int64_t>(first.front().reply().text()).value_or(0)));
    scanhost::result sum;
    const auto pass = scan.pass(0);
    std::uint32_t acted = 0;
    std::uint32_t offset = 0;  // entries that stay
    while (const auto turn = co_await pass.next_page(acted)) {
      auto page = co_await scan.execute(scanhost::command("ZRANGEBYSCORE", "due:" + tag, "-inf",
                                                          scanhost::to_ms(scan.now()), "LIMIT", offset,
                                                          turn.allowance));
      acted = 0;
      if (!page.front().ok()) break;
      const auto found = page.front().reply();
      for (std::size_t i = 0; i < found.size(); ++i)
        co_await handle(scan, found[i].text(), sum, acted, offset);
      if (found.size() < turn.allowance) break;
    }
    scanhost::batch questions;
    questions.add("ZRANGEBYSCORE", "due:" + tag, scanhost::to_ms(scan.now()) + 1, "+inf", "WITHSCORES",
                  "LIMIT", 0, 1);
    questions.add("ZCARD", "due:" + tag);
    questions.add("HINCRBY", scan.early() ? "early" : "scans", tag, 1);
    auto ahead = co_await scan.execute(std::move(questions));
    if (ahead[0].ok() && ahead[0][1].is_text())
      sum.next_due = scanhost::timestamp(
          scanhost::milliseconds(scanhost::parse_integer<std::int64_t>(ahead[0][1].text()).value_or(0)));
    if (ahead[1].ok()) sum.backlog = static_cast<std::uint64_t>(ahead[1].reply().integer());
    co_return sum;
  }

 private:
  scanhost::task<void> handle(scanhost::scan_context& scan, std::string_view item, scanhost::result& sum,
                              std::uint32_t& acted, std::uint32_t& offset) {
    if (failures_.should_skip(scan, item)) {
      ++sum.skipped;
      ++offset;
      co_return;
    }
    const auto key = "due:" + std::string(scan.tag());
    auto call =
        item.starts_with("bad") ? scanhost::command("HGET", key, "f") : scanhost::command("ZREM", key, item);
    call.acts(item);
    auto done = co_await scan.execute(std::move(call));
    ++acted;
    if (done.front().ok()) {
      ++sum.processed;
      failures_.success(scan, item);
      co_return;
    }
    ++sum.errors;
    ++offset;
    failures_.failure(scan, item, done.front().message());
  }

  scanhost::services host_;
  scanhost::failures failures_;
};

}  // namespace

SCANHOST_PLUGIN(sweeps_members)
