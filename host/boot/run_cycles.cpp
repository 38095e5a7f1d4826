// SPDX-License-Identifier: Apache-2.0
#include "boot/run_cycles.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "base/exit_code.hpp"
#include "metrics/registry.hpp"
#include "plan/plans.hpp"
#include "runner/scanner.hpp"

namespace scanhost::boot {
namespace {

namespace asio = boost::asio;
using reports = base::result<std::vector<runner::cycle_report>>;

constexpr base::milliseconds stop_patience{15'000};
constexpr base::milliseconds stop_grace{1'000};
constexpr base::milliseconds tick_period{1'000};

// The scanners of the run, and what they reported. Lives on the calling thread; reports come in by post.
class batch {
 public:
  batch(std::vector<plan::scanner_plan> plans, plan::assembly& parts) {
    for (auto& plan : plans) {
      auto& entry = running_.emplace_back();
      entry.name = plan.settings.name;
      entry.plugin = plan.settings.plugin;
      entry.scanner = std::make_unique<runner::scanner>(std::move(plan), *parts.loader, registry_);
    }
  }

  void run(std::uint64_t cycles) {
    signals_.async_wait([this](const auto& problem, int number) {
      if (!problem) stop(number);
    });
    waiting_ = running_.size();
    tick();
    for (auto& entry : running_)
      entry.scanner->run_cycles(cycles, [this, &entry](reports done) {
        asio::post(context_,
                   [this, &entry, done = std::move(done)]() mutable { take(entry, std::move(done)); });
      });
    context_.run();
    const auto deadline = base::steady::now() + stop_patience;
    for (auto& entry : running_)
      if (entry.scanner->join(deadline, stop_grace) == runner::stop_outcome::stuck) stuck_ = true;
  }

  // A plugin's thread had to be left behind: nothing that it uses may be destroyed.
  bool stuck() const noexcept { return stuck_; }

  base::result<cycles_outcome> outcome() {
    cycles_outcome result{{}, signal_};
    std::string failures;
    auto code = base::errc::software;
    for (auto& entry : running_) {
      if (entry.done && *entry.done) {
        result.scanners.push_back({entry.name, entry.plugin, std::move(**entry.done)});
      } else if (entry.done && signal_ == 0) {
        code = entry.done->error().code;
        failures +=
            fmt::format("{}{}: {}", failures.empty() ? "" : "\n", entry.name, entry.done->error().message);
      }
    }
    if (!failures.empty()) return base::fail(code, failures);
    return result;
  }

 private:
  struct running {
    std::string name;
    std::string plugin;
    std::unique_ptr<runner::scanner> scanner;
    std::optional<reports> done;
  };

  void take(running& entry, reports done) {
    entry.done = std::move(done);
    if (--waiting_ > 0) return;
    signals_.cancel();
    timer_.cancel();
  }

  // Sees a plugin that hangs.
  void tick() {
    timer_.expires_after(tick_period);
    timer_.async_wait([this](const auto& problem) {
      if (problem) return;
      for (auto& entry : running_) entry.scanner->tick(base::steady::now());
      if (waiting_ > 0) tick();
    });
  }

  // From here on a second signal has its default effect.
  void stop(int number) {
    signal_ = number;
    signals_.clear();
    for (auto& entry : running_) entry.scanner->request_stop();
    context_.stop();
  }

  metrics::registry registry_;
  asio::io_context context_{1};
  asio::signal_set signals_{context_, SIGINT, SIGTERM};
  std::vector<running> running_;
  asio::steady_timer timer_{context_};
  std::size_t waiting_ = 0;
  int signal_ = 0;
  bool stuck_ = false;
};

[[noreturn]] void leave_stuck_behind(const base::result<cycles_outcome>& outcome) {
  spdlog::error("a plugin is stuck and is left behind{}{}", outcome ? "" : ": ",
                outcome ? "" : outcome.error().message);
  spdlog::shutdown();
  _exit(static_cast<int>(base::exit_code::stuck));
}

}  // namespace

base::result<cycles_outcome> run_cycles(plan::assembly& parts,
                                        const std::vector<config::scanner_settings>& scanners,
                                        std::uint64_t cycles, const std::string& config_file) {
  auto plans = plan::make_plans(parts.settings, parts.plugins, scanners, config_file);
  if (!plans) return plans.error();
  batch cycle_batch(std::move(*plans), parts);
  cycle_batch.run(cycles);
  auto outcome = cycle_batch.outcome();
  if (cycle_batch.stuck()) leave_stuck_behind(outcome);
  return outcome;
}

}  // namespace scanhost::boot
