// my_scanner: what it finds, what it does about it, and what it leaves alone.
//
// As it stands: the sorted set due:{shard:N} holds items, scored with the moment they come due in
// milliseconds. Those that are due are taken out, and counted in done:{shard:N}. Put your own index and your
// own call in their place.
#include <scanhost/sweep.hpp>
#include <string>

namespace my_scanner_plugin {
using namespace scanhost;

// A guarded write: looks again, and acts, in one step. The item may have changed since it was found.
constexpr auto take_out =
    "if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end redis.call('ZREM', KEYS[1], ARGV[1]) return redis.call('INCR', KEYS[2])";

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
  explicit my_scanner(services host)
      : items_(host, scanhost::score_unit::unix_ms, host.duration("grace")),
        take_out_(host.script(take_out)) {}

  // The sweep asks for turns and pages, keeps to the allowance, and counts what became of the items.
  task<result> scan(scan_context& scan) override {
    const std::string tag(scan.tag());
    const auto index = "due:" + tag;
    return items_.run(scan, index, [=, this](const scanhost::candidate& item) {
      return take_out_.on(index, "done:" + tag).args(item.id, item.score);
    });
  }

 private:
  scanhost::sorted_set_sweep items_;
  scanhost::script take_out_;
};
}  // namespace my_scanner_plugin
SCANHOST_PLUGIN(my_scanner_plugin::my_scanner)
