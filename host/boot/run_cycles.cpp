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
#include "boot/plans.hpp"
#include "metrics/registry.hpp"
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
  batch(std::vector<runner::scanner_plan> plans, assembly& parts) {
    for (auto& plan : plans) {
      auto& one = running_.emplace_back();
      one.name = plan.settings.name;
      one.plugin = plan.settings.plugin;
      one.scanner = std::make_unique<runner::scanner>(std::move(plan), *parts.loader, registry_);
    }
  }

  void run(std::uint64_t cycles) {
    signals_.async_wait([this](const auto& problem, int number) {
      if (!problem) stop(number);
    });
    waiting_ = running_.size();
    tick();
    for (auto& one : running_)
      one.scanner->run_cycles(cycles, [this, &one](reports done) {
        asio::post(context_, [this, &one, done = std::move(done)]() mutable { take(one, std::move(done)); });
      });
    context_.run();
    const auto deadline = base::steady::now() + stop_patience;
    for (auto& one : running_)
      if (one.scanner->join(deadline, stop_grace) == runner::stop_outcome::stuck) stuck_ = true;
  }

  // A plugin's thread had to be left behind: nothing that it uses may be destroyed.
  bool stuck() const noexcept { return stuck_; }

  base::result<cycles_outcome> outcome() {
    cycles_outcome all{{}, signal_};
    std::string failures;
    auto code = base::errc::software;
    for (auto& one : running_) {
      if (one.done && *one.done) {
        all.scanners.push_back({one.name, one.plugin, std::move(**one.done)});
      } else if (one.done && signal_ == 0) {
        code = one.done->error().code;
        failures +=
            fmt::format("{}{}: {}", failures.empty() ? "" : "\n", one.name, one.done->error().message);
      }
    }
    if (!failures.empty()) return base::fail(code, failures);
    return all;
  }

 private:
  struct running {
    std::string name;
    std::string plugin;
    std::unique_ptr<runner::scanner> scanner;
    std::optional<reports> done;
  };

  void take(running& one, reports done) {
    one.done = std::move(done);
    if (--waiting_ > 0) return;
    signals_.cancel();
    timer_.cancel();
  }

  // Sees a plugin that hangs.
  void tick() {
    timer_.expires_after(tick_period);
    timer_.async_wait([this](const auto& problem) {
      if (problem) return;
      for (auto& one : running_) one.scanner->tick(base::steady::now());
      if (waiting_ > 0) tick();
    });
  }

  // From here on a second signal has its default effect.
  void stop(int number) {
    signal_ = number;
    signals_.clear();
    for (auto& one : running_) one.scanner->request_stop();
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

base::result<cycles_outcome> run_cycles(assembly& parts,
                                        const std::vector<config::scanner_settings>& scanners,
                                        std::uint64_t cycles, const std::string& config_file) {
  auto plans = make_plans(parts.settings, parts.plugins, scanners, config_file);
  if (!plans) return plans.error();
  batch all(std::move(*plans), parts);
  all.run(cycles);
  auto outcome = all.outcome();
  if (all.stuck()) leave_stuck_behind(outcome);
  return outcome;
}

}  // namespace scanhost::boot
