// my_scanner: what it finds, what it does about it, and what it leaves alone.
//
// As it stands: the sorted set due:{shard:N} holds items, scored with the moment they come due in
// milliseconds. Those that are due are taken out, and counted in done:{shard:N}. Put your own index and your
// own call in their place.
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace my_scanner_plugin {
using namespace scanhost;

// A guarded write: looks again, and acts, in one step. The item may have changed since it was found.
constexpr auto take_out =
    "local due = redis.call('ZSCORE', KEYS[1], ARGV[1]) if not due or tonumber(due) > tonumber(ARGV[2]) then return 0 end redis.call('ZREM', KEYS[1], ARGV[1]) return redis.call('INCR', KEYS[2])";

class my_scanner : public scanner {
 public:
  static description describe() {
    return {.name = "my_scanner",
            .version = "0.1.0",
            .summary = "Takes items out of due:{shard:N} when their time has come",
            .families = {{.name = "shard", .tag_pattern = "{shard:*}", .default_count = 8}},
            .options = {{.name = "grace",
                         .type = option_type::duration,
                         .default_value = "0ms",
                         .help = "how long an item stays after it came due"}}};
  }
  explicit my_scanner(services host) : grace_(host.duration("grace")), failures_(host.failures()) {}

  task<result> scan(scan_context& scan) override {
    const std::string tag(scan.tag());
    const auto index = "due:" + tag;
    auto pass = scan.pass(0);
    result found;
    std::uint32_t acted = 0;
    std::uint64_t staying = 0;  // skipped and failed ones stay at the front of the index: page past them
    while (const auto turn = co_await pass.next_page(acted)) {
      const auto limit = to_ms(scan.now() - grace_);
      const auto page = co_await scan.execute(
          command("ZRANGEBYSCORE", index, "-inf", limit, "LIMIT", staying, turn.allowance));
      if (!page[0]) ++found.errors;
      const auto items = page[0].reply();
      if (items.empty()) break;
      batch calls;
      std::vector<std::string_view> sent;
      for (std::size_t i = 0; i < items.size(); ++i) {
        const auto item = items[i].text();
        if (failures_.should_skip(scan, item)) {
          ++found.skipped, ++staying;
          continue;
        }
        calls.add("EVAL", take_out, 2, index, "done:" + tag, item, limit).acts(item);
        sent.push_back(item);
      }
      acted = static_cast<std::uint32_t>(sent.size());
      const auto done = co_await scan.execute(std::move(calls));
      for (std::size_t i = 0; i < done.size(); ++i) {
        if (!done[i]) {
          failures_.failure(scan, sent[i], done[i].message());
          ++found.errors, ++staying;
          continue;
        }
        failures_.success(scan, sent[i]);
        ++found.processed;
        if (done[i].reply().integer() == 0) ++found.unchanged;
      }
    }
    co_return found;
  }

 private:
  milliseconds grace_;
  failures failures_;
};
}  // namespace my_scanner_plugin
SCANHOST_PLUGIN(my_scanner_plugin::my_scanner)
