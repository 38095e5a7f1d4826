// SPDX-License-Identifier: Apache-2.0
#include "boot/service.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "admin/control.hpp"
#include "admin/readiness.hpp"
#include "admin/servers.hpp"
#include "base/log.hpp"
#include "base/non_blocking_output.hpp"
#include "base/time_text.hpp"
#include "boot/activity_log.hpp"
#include "boot/early_signals.hpp"
#include "boot/plan_worker.hpp"
#include "boot/scanner_start.hpp"
#include "boot/service_manager.hpp"
#include "metrics/names.hpp"
#include "metrics/registry.hpp"
#include "plan/plan_reader.hpp"
#include "reload/file_watch.hpp"
#include "reload/reloader.hpp"
#include "reload/requests.hpp"
#include "reload/start_checks.hpp"
#include "runner/crash/crash_handler.hpp"
#include "runner/function_watch.hpp"
#include "runner/roster.hpp"
#include "runner/stop_limits.hpp"
#include "scanhost/types.h"

namespace scanhost::boot {
namespace {

namespace asio = boost::asio;
namespace events = base::events;
using base::log;

std::string abi_version() { return fmt::format("{}.{}", SCANHOST_ABI_MAJOR, SCANHOST_ABI_MINOR); }

// The control thread's parts, built in order and stopped in reverse.
class service {
 public:
  service(plan::assembly parts, std::string config_file)
      : parts_(std::move(parts)),
        config_file_(std::move(config_file)),
        kept_(parts_.place(), config_file_),
        plan_reader_(config_file_, std::move(parts_.document), *parts_.loader) {
    std::signal(SIGPIPE, SIG_IGN);  // the reader of standard error may end before this process does
    registry_.gauge(metrics::names::build_info, {{"version", SCANHOST_VERSION}, {"abi", abi_version()}})
        .set(1);
  }

  base::result<base::exit_code> run() {
    if (auto selected = scanner_start_.select(); !selected) return selected.error();
    if (auto open = servers_.open(); !open) return open.error();
    if (auto chosen = scanner_start_.choose_builds(); !chosen) return chosen.error();
    if (auto ready = prepare_for_crashes(); !ready) return ready.error();
    if (auto watching = watch_files(); !watching) return watching.error();
    kept_.load();
    control_.end_pauses(base::system_now());  // those that ended while no host ran
    take_signals();
    read_plans();
    context_.run();
    return end();
  }

 private:
  // --- start

  base::result<void> prepare_for_crashes() {
    auto handler = runner::crash_handler::install(parts_.place(), parts_.staging->folder());
    if (!handler) return handler.error();
    crash_handler_ = std::move(*handler);
    return {};
  }

  // What changed between reading the configuration and here is found by the first reload.
  base::result<void> watch_files() {
    if (!parts_.settings.plugins.watch) return {};
    auto watch = reload::file_watch::start(
        context_, {parts_.settings.plugins.path, {std::filesystem::absolute(config_file_)}},
        {[this](const std::set<std::filesystem::path>& changed) { files_changed(changed); },
         [](const std::string& warning) { log(events::file_watch_degraded, warning); }});
    if (!watch) return watch.error();
    watch_ = std::move(*watch);
    return {};
  }

  void read_plans() {
    worker_.start(
        {[this](std::stop_token stop) { return scanner_start_.read_plans(std::move(stop), config_file_); },
         [this](plan_worker::plans plans) {
           if (!plans) return give_up(plans.error());
           start(std::move(*plans));
         },
         [this] {
           base::standard_error().drain();
           report_to_manager({});
         }});
  }

  void give_up(base::error problem) {
    failure_ = std::move(problem);
    context_.stop();
  }

  void start(std::vector<plan::scanner_plan> plans) {
    const auto count = plans.size();
    if (auto started = scanner_start_.start(std::move(plans)); !started) return give_up(started.error());
    log(events::host_started, fmt::format("started: scanners={} store={}", count, parts_.settings.store.url));
    functions_.follow(scanners_.functions());
    start_reloads();
    manager_.note_ready();
    tick();
  }

  void start_reloads() {
    reloads_ = std::make_unique<reload::reloader>(
        reload::host_parts{scanners_, *parts_.loader, registry_, kept_, plan_reader_, watch_.get()},
        parts_.settings);
    control_.use(reloads_.get());
    if (kept_.pauses.unsaved()) reloads_->save_pauses({});
    if (std::exchange(changed_while_starting_, false))
      reloads_->reload(plan::read_scope::configuration, {}, {});
  }

  // Why the host as a whole is not ready yet, apart from its scanners; empty: it is ready.
  std::string not_ready() const {
    if (reloads_) return {};
    if (!worker_.waiting_for().empty()) return worker_.waiting_for();
    return "starting: the store " + parts_.settings.store.url +
           " is asked for partition counts and functions";
  }

  admin::host_facts facts() const {
    return {SCANHOST_VERSION,
            started_,
            base::system_now(),
            parts_.settings.store.url,
            not_ready(),
            worker_.waiting_for(),
            reloads_ ? reloads_->configuration() : reload::configuration_state{started_, {}, {}},
            reloads_ ? reloads_->blocked_list() : std::vector<reload::blocked_build>()};
  }

  // --- while it runs

  void tick() {
    timer_.expires_after(runner::tick_period);
    timer_.async_wait([this](const auto& problem) {
      if (problem) return;
      for (const auto& scanner : scanners_.scanners()) scanner->tick(base::steady::now());
      functions_.follow(scanners_.functions());
      control_.end_pauses(base::system_now());
      base::standard_error().drain();
      const auto statuses = scanners_.statuses();
      activity_.report(statuses, base::steady::now());
      servers_.sample(statuses, base::steady::now());
      keep_histories(statuses);
      report_to_manager(statuses);
      tick();
    });
  }

  void keep_histories(const std::vector<runner::scanner_status>& statuses) {
    if (kept_.histories.take(statuses) && reloads_) reloads_->save_histories();
  }

  void report_to_manager(const std::vector<runner::scanner_status>& statuses) {
    manager_.keep_alive(base::steady::now());
    const auto reasons = admin::reasons_not_ready(statuses, not_ready());
    manager_.set_status(reasons.empty()       ? count_scanners(statuses)
                        : reasons.size() == 1 ? reasons.front()
                                              : fmt::format("{} reasons not to be ready, the first: {}",
                                                            reasons.size(), reasons.front()));
  }

  // "16 scanners run", "14 scanners run, 2 paused"
  static std::string count_scanners(const std::vector<runner::scanner_status>& statuses) {
    const auto paused =
        std::count_if(statuses.begin(), statuses.end(), [](const auto& scanner) { return scanner.paused; });
    const auto running = static_cast<std::ptrdiff_t>(statuses.size()) - paused;
    return paused == 0 ? fmt::format("{} scanners run", running)
                       : fmt::format("{} scanners run, {} paused", running, paused);
  }

  void functions_changed() {
    for (const auto& scanner : scanners_.scanners()) scanner->apply_functions();
  }

  void files_changed(const std::set<std::filesystem::path>& changed) {
    const bool configuration = changed.contains(std::filesystem::absolute(config_file_));
    for (const auto& file : changed) log(events::file_changed, fmt::format("changed: {}", file.string()));
    reload(configuration ? plan::read_scope::configuration : plan::read_scope::plugins);
  }

  void reload(plan::read_scope scope, reload::reloader::on_done done = {}) {
    if (reloads_)
      reloads_->reload(scope, {}, std::move(done));
    else
      changed_while_starting_ = true;
  }

  // From the handlers of the time before.
  void take_signals() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) signals_.add(number);
    await_signal();
    if (early_signals::hang_up()) hang_up();
  }

  void hang_up() {
    log(events::reload_requested, "reload on SIGHUP");
    if (reloads_) manager_.note_reloading();
    reload(plan::read_scope::configuration, [this](const reload::answer& outcome) {
      log_outcome(outcome);
      asio::post(context_, [this] { manager_.note_ready(); });
    });
  }

  static void log_outcome(const reload::answer& outcome) {
    auto text = outcome.message;
    while (text.ends_with('\n')) text.pop_back();
    std::ranges::replace(text, '\n', ';');
    log(events::reload_finished, "reload on SIGHUP: " + text);
  }

  void await_signal() {
    signals_.async_wait([this](const auto& problem, int number) {
      if (problem) return;
      if (number != SIGHUP) return stop(number);
      hang_up();
      await_signal();
    });
  }

  // --- end

  // From here on a second signal has its default effect: it ends the process at once.
  void stop(int number) {
    log(events::host_stopping, fmt::format("stopping on {}", number == SIGINT ? "SIGINT" : "SIGTERM"));
    manager_.note_stopping();
    signals_.clear();
    stop_deadline_ = base::steady::now() + runner::stop_patience;
    limit_stop();
    context_.stop();
  }

  base::result<base::exit_code> end() {
    worker_.abandon();
    servers_.close();
    control_.use(nullptr);
    functions_.follow({});
    for (const auto& scanner : scanners_.scanners())
      scanner->request_stop();  // a reload may be waiting for one
    reloads_.reset();
    if (kept_.pauses.unsaved()) kept_.save_pauses();  // the reloader may have dropped what it had not begun
    watch_.reset();
    const bool all_stopped = stop_scanners();
    if (kept_.histories.take(scanners_.statuses()) || kept_.histories.unsaved()) kept_.save_histories();
    if (failure_) return *failure_;
    log(events::host_stopped, "stopped");
    if (!all_stopped) exit_with_stuck_threads();
    return base::exit_code::ok;
  }

  bool stop_scanners() {
    for (const auto& scanner : scanners_.scanners()) scanner->request_stop();
    const auto deadline = stop_deadline_.value_or(base::steady::now() + runner::stop_patience);
    bool all_stopped = scanners_.removed_stuck().empty();
    std::vector<plan::scanner_plan> stopped;
    for (const auto& scanner : scanners_.scanners()) {
      if (scanner->join(deadline, runner::stop_grace) == runner::stop_outcome::stopped) {
        if (!scanner->status().blocked) stopped.push_back(*scanner->plan());
        continue;
      }
      log(events::plugin_stuck_at_stop, scanner->name(), "is stuck inside its plugin and is abandoned");
      all_stopped = false;
    }
    reload::note_clean_stop(stopped, kept_.blocked);
    return all_stopped;
  }

  // A stuck thread still runs code of its plugin: nothing that it uses may be destroyed.
  [[noreturn]] void exit_with_stuck_threads() {
    crash_handler_.reset();
    base::standard_error().flush(base::max_wait_at_exit);
    _exit(static_cast<int>(base::exit_code::stuck));
  }

  const base::timestamp started_ = base::system_now();
  plan::assembly parts_;
  std::string config_file_;
  reload::kept_state kept_;
  plan::plan_reader plan_reader_;
  service_manager manager_;
  metrics::registry registry_;
  asio::io_context context_{1};
  asio::signal_set signals_{context_};
  asio::steady_timer timer_{context_};
  bool changed_while_starting_ = false;
  std::optional<base::error> failure_;
  std::optional<base::steady_time> stop_deadline_;
  std::unique_ptr<runner::crash_handler> crash_handler_;
  runner::roster scanners_;
  scanner_start scanner_start_{{parts_, plan_reader_, kept_, scanners_, registry_}};
  runner::function_watch functions_{context_, [this] { functions_changed(); }};
  admin::control control_{context_, scanners_, kept_.pauses};
  activity_log activity_;
  std::unique_ptr<reload::reloader> reloads_;
  std::unique_ptr<reload::file_watch> watch_;
  admin::servers servers_{
      context_,
      parts_.settings.admin,
      {scanners_, registry_, control_, [this] { return not_ready(); }, [this] { return facts(); }}};
  plan_worker worker_{context_};
};

}  // namespace

base::result<base::exit_code> run_service(plan::assembly parts, const std::filesystem::path& config_file) {
  service host(std::move(parts), config_file.string());
  return host.run();
}

}  // namespace scanhost::boot
