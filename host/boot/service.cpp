// SPDX-License-Identifier: Apache-2.0
#include "boot/service.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/http_server.hpp"
#include "boot/plans.hpp"
#include "metrics/registry.hpp"
#include "runner/scanner.hpp"
#include "runner/schedule.hpp"

namespace scanhost::boot {
namespace {

namespace asio = boost::asio;

constexpr base::milliseconds stop_patience{15'000};
constexpr base::milliseconds stop_grace{1'000};
constexpr base::milliseconds tick_period{1'000};
constexpr base::milliseconds first_retry{250};
constexpr base::milliseconds longest_retry{5'000};

// The control thread's parts, built in order and stopped in reverse.
class service {
 public:
  service(assembly parts, std::string config_file)
      : parts_(std::move(parts)), config_file_(std::move(config_file)) {}

  base::result<base::exit_code> run() {
    auto selected = select_scanners(parts_.settings, {});
    if (!selected) return selected.error();
    selected_ = std::move(*selected);
    if (auto open = open_endpoint(); !open) return open.error();
    signals_.async_wait([this](const auto& problem, int number) {
      if (!problem) stop(number);
    });
    try_to_start();
    context_.run();
    endpoint_.reset();
    const bool all_stopped = stop_scanners();
    if (failure_) return *failure_;
    spdlog::info("stopped");
    if (!all_stopped) leave_stuck_behind();
    return base::exit_code::ok;
  }

 private:
  base::result<void> open_endpoint() {
    if (!parts_.settings.admin.enabled) return {};
    auto server = admin::http_server::open(
        context_, parts_.settings.admin,
        {[this] { return registry_.text(); }, [this] { return statuses(); }, [this] { return not_ready(); }});
    if (!server) return server.error();
    endpoint_ = std::move(*server);
    spdlog::info("listening on http://{}:{}/", parts_.settings.admin.address, endpoint_->port());
    return {};
  }

  std::vector<runner::scanner_status> statuses() const {
    std::vector<runner::scanner_status> all;
    for (const auto& scanner : scanners_) all.push_back(scanner->status());
    return all;
  }

  // Why the host as a whole is not ready yet, beyond what the scanners say; empty: it is.
  std::string not_ready() const {
    if (!scanners_.empty()) return {};
    return waiting_for_.empty() ? "starting" : waiting_for_;
  }

  // While the store cannot be reached, tries again; everything else that is wrong ends the host.
  void try_to_start() {
    auto plans = make_plans(parts_, selected_, config_file_);
    if (plans) return start(std::move(*plans));
    const auto code = plans.error().code;
    const bool can_pass = code == base::errc::unavailable || code == base::errc::timed_out;
    if (!can_pass) {
      failure_ = plans.error();
      return context_.stop();
    }
    if (std::exchange(waiting_for_, plans.error().message) != plans.error().message)
      spdlog::warn("waiting for the store: {}", waiting_for_);
    timer_.expires_after(retry_);
    retry_ = std::min(2 * retry_, longest_retry);
    timer_.async_wait([this](const auto& problem) {
      if (!problem) try_to_start();
    });
  }

  void start(std::vector<runner::scanner_plan> plans) {
    for (auto& plan : plans)
      scanners_.push_back(std::make_unique<runner::scanner>(std::move(plan), *parts_.loader, registry_));
    for (std::size_t i = 0; i < scanners_.size(); ++i)
      scanners_[i]->start(runner::first_delay(i, scanners_.size(), selected_[i].interval));
    spdlog::info("started: scanners={} store={}", scanners_.size(), parts_.settings.store.url);
    tick();
  }

  void tick() {
    timer_.expires_after(tick_period);
    timer_.async_wait([this](const auto& problem) {
      if (problem) return;
      for (const auto& scanner : scanners_) scanner->tick(base::steady::now());
      tick();
    });
  }

  // From here on a second signal has its default effect: it ends the process at once.
  void stop(int number) {
    spdlog::info("stopping on {}", number == SIGINT ? "SIGINT" : "SIGTERM");
    signals_.clear();
    context_.stop();
  }

  bool stop_scanners() {
    for (const auto& scanner : scanners_) scanner->request_stop();
    const auto deadline = base::steady::now() + stop_patience;
    bool all = true;
    for (const auto& scanner : scanners_) {
      if (scanner->join(deadline, stop_grace) == runner::stop_outcome::stopped) continue;
      spdlog::warn("scanner={} is stuck inside its plugin and is left behind", scanner->name());
      all = false;
    }
    return all;
  }

  // Its thread still runs code of the plugin: no destructor may pull anything away under it.
  [[noreturn]] static void leave_stuck_behind() {
    spdlog::shutdown();
    _exit(static_cast<int>(base::exit_code::stuck));
  }

  assembly parts_;
  std::string config_file_;
  std::vector<config::scanner_settings> selected_;
  metrics::registry registry_;
  asio::io_context context_{1};
  asio::signal_set signals_{context_, SIGINT, SIGTERM};
  asio::steady_timer timer_{context_};
  base::milliseconds retry_ = first_retry;
  std::string waiting_for_;
  std::optional<base::error> failure_;
  std::vector<std::unique_ptr<runner::scanner>> scanners_;
  std::unique_ptr<admin::http_server> endpoint_;
};

}  // namespace

base::result<base::exit_code> run_service(assembly parts, const std::filesystem::path& config_file) {
  service host(std::move(parts), config_file.string());
  return host.run();
}

}  // namespace scanhost::boot
