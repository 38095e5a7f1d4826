// SPDX-License-Identifier: Apache-2.0
//
// Puts tasks of asynq-like queues back that a worker has taken and not finished. asynq:queues is the set of
// queues; a worker moves a task id from asynq:{queue}:pending to asynq:{queue}:active and notes in
// asynq:{queue}:lease when its lease ends, in seconds. Tasks whose lease ended longer than `grace` ago go
// back to the front of pending. Each queue is a partition of its own: a slow one does not hold up the others.
// Leaves the tasks themselves alone but for their state.
#include <scanhost/sweep.hpp>
#include <string>

using namespace scanhost;

// KEYS: lease, active, pending, the task. ARGV: the task's id, its lease as it was read. A lease that was
// extended since, or a task that is not active any more, is left as it is.
constexpr auto put_back = R"lua(
if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
if redis.call('LREM', KEYS[2], 1, ARGV[1]) == 0 then return 0 end
redis.call('RPUSH', KEYS[3], ARGV[1])
redis.call('HSET', KEYS[4], 'state', 'pending')
return 1
)lua";

class asynq_recoverer : public scanner {
 public:
  static description describe() {
    return {.name = "asynq_recoverer",
            .version = "1.0.0",
            .summary = "Puts tasks back into their queue whose worker let their lease end",
            .licence = "Apache-2.0",
            .families = {{.name = "queue",
                          .tag_pattern = "{*}",
                          .members = members::from_key,
                          .members_from = "asynq:queues"}},
            .default_interval = std::chrono::seconds(5),
            .options = {{.name = "grace",
                         .type = option_type::duration,
                         .default_value = "30s",
                         .help = "how long after the end of its lease a task is left to its worker"}}};
  }
  explicit asynq_recoverer(services host)
      : leases_(host, score_unit::unix_seconds, host.duration("grace")), put_back_(host.script(put_back)) {}

  task<result> scan(scan_context& scan) override {
    const auto queue = "asynq:" + std::string(scan.tag());
    return leases_.run(scan, queue + ":lease", [this, queue](const candidate& task) {
      return put_back_.on(queue + ":lease", queue + ":active", queue + ":pending", queue + ":t:" + task.id)
          .args(task.id, task.score);
    });
  }

 private:
  sorted_set_sweep leases_;
  script put_back_;
};

SCANHOST_PLUGIN(asynq_recoverer)
