// SPDX-License-Identifier: Apache-2.0
#include "boot/run_cycles.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "boot/plans.hpp"
#include "metrics/registry.hpp"
#include "runner/scanner.hpp"

namespace scanhost::boot {
namespace {

namespace asio = boost::asio;
using reports = base::result<std::vector<runner::cycle_report>>;

constexpr base::milliseconds stop_patience{15'000};
constexpr base::milliseconds stop_grace{1'000};

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
    for (auto& one : running_)
      one.scanner->run_cycles(cycles, [this, &one](reports done) {
        asio::post(context_, [this, &one, done = std::move(done)]() mutable { take(one, std::move(done)); });
      });
    context_.run();
    const auto deadline = base::steady::now() + stop_patience;
    for (auto& one : running_) one.scanner->join(deadline, stop_grace);
  }

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
    if (--waiting_ == 0) signals_.cancel();
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
  std::size_t waiting_ = 0;
  int signal_ = 0;
};

}  // namespace

base::result<cycles_outcome> run_cycles(assembly& parts,
                                        const std::vector<config::scanner_settings>& scanners,
                                        std::uint64_t cycles, const std::string& config_file) {
  auto plans = make_plans(parts, scanners, config_file);
  if (!plans) return plans.error();
  batch all(std::move(*plans), parts);
  all.run(cycles);
  return all.outcome();
}

}  // namespace scanhost::boot
