// SPDX-License-Identifier: Apache-2.0
//
// Even partitions wait for the plugin's thread, odd ones for a socket that the thread writes to; each
// processes one. With `forever` partition 0 is never woken. Each scan leaves a wake behind that comes after
// its end.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <scanhost/scanner.hpp>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

class worker {
 public:
  ~worker() {
    post(nullptr);
    thread_.join();
  }
  void post(std::function<void()> job) {
    const std::lock_guard alone(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_one();
  }

 private:
  // A job that is empty ends it.
  void work() {
    for (;;) {
      std::unique_lock alone(mutex_);
      changed_.wait(alone, [&] { return !jobs_.empty(); });
      const auto job = std::move(jobs_.front());
      jobs_.erase(jobs_.begin());
      alone.unlock();
      if (!job) return;
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> jobs_;
  std::thread thread_{[this] { work(); }};
};

class waits_outside : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    return {.name = "waits_outside",
            .version = "1.0.0",
            .summary = "waits for a thread and for a socket",
            .families = {{.name = "shard", .tag_pattern = "{s:*}", .default_count = 4}},
            .options = {{.name = "forever",
                         .type = scanhost::option_type::flag,
                         .default_value = "false",
                         .help = "partition 0 is never woken"}}};
  }
  explicit waits_outside(scanhost::services host) : forever_(host.flag("forever")) {}

  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
    const auto signal = scan.signal();
    scanhost::result found;
    const bool came = scan.index() % 2 == 0 ? co_await woken(scan) : co_await readable(scan);
    if (came) ++found.processed;
    worker_.post([signal] { signal.wake(); });
    co_return found;
  }

 private:
  scanhost::task<bool> woken(scanhost::scan_context& scan) {
    const auto signal = scan.signal();
    if (!forever_ || scan.index() != 0) worker_.post([signal] { signal.wake(); });
    co_return co_await scan.wait(signal, 1h);
  }
  scanhost::task<bool> readable(scanhost::scan_context& scan) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) co_return false;
    worker_.post([end = ends[1]] {
      [[maybe_unused]] const auto written = ::write(end, "x", 1);
      ::close(end);
    });
    const bool came = co_await scan.readable(ends[0], 1h);
    const bool still_blocking = (::fcntl(ends[0], F_GETFL) & O_NONBLOCK) == 0;
    ::close(ends[0]);
    co_return came&& still_blocking;
  }

  bool forever_;
  worker worker_;
};

}  // namespace

SCANHOST_PLUGIN(waits_outside)
