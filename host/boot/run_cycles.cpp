// SPDX-License-Identifier: Apache-2.0
#include "boot/run_cycles.hpp"

#include <fmt/format.h>
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
#include "base/log.hpp"
#include "base/non_blocking_output.hpp"
#include "metrics/registry.hpp"
#include "plan/plans.hpp"
#include "plan/room.hpp"
#include "runner/scanner.hpp"
#include "runner/stop_limits.hpp"

namespace scanhost::boot {
namespace {

namespace asio = boost::asio;
using reports = base::result<std::vector<runner::cycle_report>>;

// The scanners of the run, and what they reported. Lives on the calling thread; reports come in by post.
class batch {
 public:
  batch(std::vector<plan::scanner_plan> plans, plan::assembly& parts) {
    for (auto& plan : plans) {
      auto& run = runs_.emplace_back();
      run.name = plan.settings.name;
      run.plugin = plan.settings.plugin;
      run.scanner = std::make_unique<runner::scanner>(std::move(plan), *parts.loader, registry_);
    }
  }

  void run(std::uint64_t cycles) {
    signals_.async_wait([this](const auto& problem, int number) {
      if (!problem) stop(number);
    });
    waiting_ = runs_.size();
    tick();
    for (auto& run : runs_)
      run.scanner->run_cycles(cycles, [this, &run](reports done) {
        asio::post(context_, [this, &run, done = std::move(done)]() mutable { take(run, std::move(done)); });
      });
    context_.run();
    const auto deadline = base::steady::now() + runner::stop_patience;
    for (auto& run : runs_)
      if (run.scanner->join(deadline, runner::stop_grace) == runner::stop_outcome::stuck) stuck_ = true;
  }

  // A plugin's thread had to be abandoned: nothing that it uses may be destroyed.
  bool stuck() const noexcept { return stuck_; }

  base::result<cycles_outcome> outcome() {
    cycles_outcome outcome{{}, hindrances(), signal_};
    std::string failures;
    auto code = base::errc::software;
    for (auto& run : runs_) {
      if (run.done && *run.done) {
        outcome.scanners.push_back({run.name, run.plugin, std::move(**run.done)});
      } else if (run.done && signal_ == 0) {
        code = run.done->error().code;
        failures +=
            fmt::format("{}{}: {}", failures.empty() ? "" : "\n", run.name, run.done->error().message);
      }
    }
    if (!failures.empty()) return base::fail(code, failures);
    return outcome;
  }

 private:
  std::string hindrances() const {
    std::string text;
    for (const auto& run : runs_)
      for (const auto& trouble : run.scanner->status().store_troubles)
        if (is_certain(trouble))
          text += fmt::format("{}{}: the server {}: {}", text.empty() ? "" : "\n", run.name,
                              store::facts_of(trouble.state).sentence, trouble.text);
    return text;
  }

  // The others were asked about when the cycles had ended.
  static bool is_certain(const runner::store_trouble& trouble) {
    return store::facts_of(trouble.state).refuses != store::refusal::some || trouble.commands > 1;
  }

  struct scanner_run {
    std::string name;
    std::string plugin;
    std::unique_ptr<runner::scanner> scanner;
    std::optional<reports> done;
  };

  void take(scanner_run& run, reports done) {
    run.done = std::move(done);
    if (--waiting_ > 0) return;
    signals_.cancel();
    timer_.cancel();
  }

  // Notices a plugin that hangs.
  void tick() {
    timer_.expires_after(runner::tick_period);
    timer_.async_wait([this](const auto& problem) {
      if (problem) return;
      for (auto& run : runs_) run.scanner->tick(base::steady::now());
      base::standard_error().drain();
      if (waiting_ > 0) tick();
    });
  }

  // From here on a second signal has its default effect.
  void stop(int number) {
    signal_ = number;
    signals_.clear();
    for (auto& run : runs_) run.scanner->request_stop();
    context_.stop();
  }

  metrics::registry registry_;
  asio::io_context context_{1};
  asio::signal_set signals_{context_, SIGINT, SIGTERM};
  std::vector<scanner_run> runs_;
  asio::steady_timer timer_{context_};
  std::size_t waiting_ = 0;
  int signal_ = 0;
  bool stuck_ = false;
};

// A run of some cycles does not wait.
void leave_out_waiting(std::vector<plan::scanner_plan>& plans) {
  std::erase_if(plans, [](const plan::scanner_plan& plan) {
    const auto functions = plan::awaited_functions(plan);
    if (!functions.empty())
      base::log(base::events::scanner_left_out, plan.settings.name,
                fmt::format("is left out: it waits for {}", functions));
    return !functions.empty();
  });
}

[[noreturn]] void exit_with_stuck_threads(const base::result<cycles_outcome>& outcome) {
  base::log(base::events::plugin_stuck_at_stop,
            fmt::format("a plugin is stuck and is abandoned{}{}", outcome ? "" : ": ",
                        outcome ? "" : outcome.error().message));
  base::standard_error().flush(base::max_wait_at_exit);
  _exit(static_cast<int>(base::exit_code::stuck));
}

}  // namespace

base::result<cycles_outcome> run_cycles(plan::assembly& parts,
                                        const std::vector<config::scanner_settings>& scanners,
                                        std::uint64_t cycles, const std::string& config_file) {
  auto plans = plan::make_plans(parts.settings, parts.plugins, scanners, config_file, nullptr);
  if (!plans) return plans.error();
  leave_out_waiting(*plans);
  if (plans->empty())
    return base::fail(
        base::errc::missing,
        "every scanner waits for functions that are not on the server; see scanhost functions status");
  if (auto room = plan::check_room(*plans, parts.staging->folder()); !room) return room.error();
  batch batch(std::move(*plans), parts);
  batch.run(cycles);
  auto outcome = batch.outcome();
  if (batch.stuck()) exit_with_stuck_threads(outcome);
  return outcome;
}

}  // namespace scanhost::boot
