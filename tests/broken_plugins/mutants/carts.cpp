// SPDX-License-Identifier: Apache-2.0
//
// The first scanner of sdk/README.md with its page loop written out by hand: whole, and with one mistake
// each. The mistakes are those that authors make; `plugin verify` has to find every one of them.
#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <vector>

#ifndef MISTAKE
#define MISTAKE none
#endif
#define TEXT_OF(name) #name
#define NAME_WITH(name) "carts_" TEXT_OF(name)

namespace {

using namespace scanhost;

enum class mistake {
  none,
  asks_for_no_turns,
  marks_no_call,          // no acts()
  pages_past_nothing,     // candidates that stay are offered again and again
  counts_no_errors,       // of calls; those of reads are counted
  ignores_the_allowance,  // reads and acts on as many as it likes
};
constexpr auto chosen = mistake::MISTAKE;

constexpr auto remove_stale =
    "if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end "
    "redis.call('DEL', KEYS[2]) return redis.call('ZREM', KEYS[1], ARGV[1])";

class carts : public scanner {
 public:
  static description describe() {
    return {.name = NAME_WITH(MISTAKE),
            .version = "1.0.0",
            .summary = "Removes carts that nobody touches any more",
            .families = {{.name = "shard", .tag_pattern = "{shard:*}", .default_count = 8}},
            .options = {
                {.name = "keep", .type = option_type::duration, .default_value = "7d", .help = "how long"}}};
  }
  explicit carts(services host)
      : keep_(host.duration("keep")), page_size_(host.page_size()), failures_(host.failures()) {}

  task<result> scan(scan_context& scan) override {
    const auto index = "carts:" + std::string(scan.tag()) + ":by_touch";
    const auto pass = scan.pass(0);
    result found;
    std::uint32_t acted = 0;
    std::uint64_t staying = 0;  // at the front of the index
    for (int pages = 0; pages < max_pages; ++pages) {
      auto allowance = page_size_;
      if (chosen != mistake::asks_for_no_turns) allowance = (co_await pass.next_page(acted)).allowance;
      if (allowance == 0) break;
      if (chosen == mistake::ignores_the_allowance) allowance = page_size_;
      const auto limit = to_ms(scan.now() - keep_);
      const auto offset = chosen == mistake::pages_past_nothing ? 0 : staying;
      const auto page = co_await scan.execute(
          command("ZRANGEBYSCORE", index, "-inf", limit, "WITHSCORES", "LIMIT", offset, allowance));
      if (!page[0]) ++found.errors;
      const auto entries = page[0].reply();
      if (entries.empty()) break;
      acted = co_await act(scan, index, entries, staying, found);
    }
    co_return found;
  }

 private:
  static constexpr int max_pages = 50;

  task<std::uint32_t> act(scan_context& scan, const std::string& index, reply entries, std::uint64_t& staying,
                          result& found) const {
    batch calls;
    std::vector<std::string_view> sent;
    for (std::size_t i = 0; i + 1 < entries.size(); i += 2) {
      const auto id = entries[i].text();
      if (failures_.should_skip(scan, id)) {
        ++found.skipped, ++staying;
        continue;
      }
      const auto cart = "cart:" + std::string(scan.tag()) + ":" + std::string(id);
      auto& call = calls.add("EVAL", remove_stale, 2, index, cart, id, entries[i + 1].text());
      if (chosen != mistake::marks_no_call) call.acts(id);
      sent.push_back(id);
    }
    const auto done = co_await scan.execute(std::move(calls));
    for (std::size_t i = 0; i < done.size(); ++i) count(scan, sent[i], done[i], staying, found);
    co_return static_cast<std::uint32_t>(sent.size());
  }

  void count(const scan_context& scan, std::string_view id, const outcome& done, std::uint64_t& staying,
             result& found) const {
    if (!done && chosen != mistake::counts_no_errors) {
      failures_.failure(scan, id, done.message());
      ++found.errors, ++staying;
      return;
    }
    failures_.success(scan, id);
    ++found.processed;
    if (done.reply().integer() == 0) ++found.unchanged;
  }

  milliseconds keep_;
  std::uint32_t page_size_;
  failures failures_;
};

}  // namespace

SCANHOST_PLUGIN(carts)
