// SPDX-License-Identifier: Apache-2.0
//
// Measures how long jobs wait. Looks at the sorted sets `queue:{shard:N}:jobs` (member: job id, score: when
// it was put there, ms), shows the age of the oldest one and the number of looks as metrics, and warns in the
// log about shards where one waits too long. Changes nothing in the store.
#include <charconv>
#include <cmath>
#include <scanhost/reply.hpp>
#include <scanhost/scanner.hpp>
#include <string>

using namespace scanhost;

class queue_age : public scanner {
 public:
  static description describe() {
    return {.name = "queue_age",
            .version = "1.0.0",
            .summary = "Measures how long jobs wait in their queues",
            .licence = "Apache-2.0",
            .families = {{.name = "shard", .tag_pattern = "{shard:*}", .default_count = 8}},
            .default_interval = std::chrono::seconds(5),
            .options = {{.name = "warn_after",
                         .type = option_type::duration,
                         .default_value = "5m",
                         .help = "a job that waits longer is worth a warning"}},
            .required_extensions = {SCANHOST_EXT_METRICS},
            .metric_prefix = "queue_",
            .backlog_gauge = "queue_jobs"};
  }

  explicit queue_age(services host)
      : host_(host),
        warn_after_(host.duration("warn_after")),
        looks_(host.counter("looks_total", "How often a queue was looked at")) {}

  task<result> scan(scan_context& scan) override {
    const auto key = "queue:" + std::string(scan.tag()) + ":jobs";
    batch questions;
    questions.add("ZRANGE", key, 0, 0, "WITHSCORES");
    questions.add("ZCARD", key);
    const auto answers = co_await scan.execute(std::move(questions));
    looks_.record(1);
    if (!answers[0] || !answers[1]) co_return result{.errors = 1};

    milliseconds age{0};
    result found{.processed = 1, .unchanged = 1, .backlog = answers[1].reply().integer()};
    if (double put_at = 0; read(answers[0][1].text(), put_at)) {
      found.oldest_due = from_ms(static_cast<std::int64_t>(put_at));
      age = scan.now() - *found.oldest_due;
    }
    const auto shard = std::to_string(scan.index());
    host_.gauge("oldest_age_seconds", "Age of the oldest job", "shard", shard)
        .record(std::chrono::duration<double>(age).count());
    if (age > warn_after_)
      host_.log(log_level::warn,
                "the oldest job of " + key + " waits for " + std::to_string(age.count()) + " ms");
    co_return found;
  }

 private:
  // Scores may have a fraction or an exponent.
  static bool read(std::string_view text, double& number) {
    return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc() &&
           std::isfinite(number);
  }

  services host_;
  milliseconds warn_after_;
  metric looks_;
};

SCANHOST_PLUGIN(queue_age)
