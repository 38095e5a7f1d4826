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
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "admin/commands.hpp"
#include "admin/control.hpp"
#include "admin/control_path.hpp"
#include "admin/history.hpp"
#include "admin/http_server.hpp"
#include "admin/observation.hpp"
#include "admin/peers.hpp"
#include "admin/readiness.hpp"
#include "admin/state_metrics.hpp"
#include "base/environment.hpp"
#include "base/log.hpp"
#include "base/non_blocking_output.hpp"
#include "base/time_text.hpp"
#include "boot/activity_log.hpp"
#include "boot/early_signals.hpp"
#include "boot/plan_worker.hpp"
#include "boot/service_manager.hpp"
#include "metrics/names.hpp"
#include "metrics/process_metrics.hpp"
#include "metrics/registry.hpp"
#include "plan/plan_reader.hpp"
#include "plan/plans.hpp"
#include "plan/room.hpp"
#include "reload/file_watch.hpp"
#include "reload/reloader.hpp"
#include "reload/requests.hpp"
#include "reload/start_checks.hpp"
#include "runner/crash/crash_handler.hpp"
#include "runner/function_watch.hpp"
#include "runner/generation/schedule.hpp"
#include "runner/roster.hpp"
#include "runner/stop_limits.hpp"
#include "scanhost/types.h"

namespace scanhost::boot {
namespace {

namespace asio = boost::asio;
namespace events = base::events;
using base::log;

constexpr base::milliseconds min_retry{250};
constexpr base::milliseconds max_retry{5'000};

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
    auto selected = plan::select_scanners(parts_.settings, {});
    if (!selected) return selected.error();
    selected_ = std::move(*selected);
    if (auto open = listen(); !open) return open.error();
    if (auto ready = prepare_for_crashes(); !ready) return ready.error();
    if (auto chosen = fall_back_from_blocked_builds(); !chosen) return chosen.error();
    if (auto watching = watch_files(); !watching) return watching.error();
    kept_.load();
    control_.end_pauses(base::system_now());  // those that ended while no host ran
    take_signals();
    try_to_start();
    context_.run();
    return end();
  }

 private:
  // --- start

  base::result<void> listen() {
    if (auto open = open_port(); !open) return open.error();
    return open_control_socket();
  }

  admin::sources admin_sources() {
    return {[this] {
              process_.refresh();
              states_.refresh(scanners_.statuses());
              return registry_.text();
            },
            [this] { return scanners_.statuses(); },
            [this] { return not_ready(); },
            [this](const admin::control_request& request, admin::on_answer done) {
              admin::perform(control_, request, std::move(done));
            },
            &metrics::read_process_usage,
            &history_,
            [this](std::string_view scanner, std::size_t max_items) {
              return scanners_.failures(scanner, max_items);
            },
            [this] { return host_facts(); },
            [this](const admin::control_request& request, admin::on_answer done) {
              admin::perform(control_, request, std::move(done));
            },
            [this] { return peers_.json(); }};
  }

  admin::host_facts host_facts() const {
    return {SCANHOST_VERSION,
            started_,
            base::system_now(),
            parts_.settings.store.url,
            not_ready(),
            waiting_for_,
            reloads_ ? reloads_->configuration() : reload::configuration_state{started_, {}, {}},
            reloads_ ? reloads_->blocked_list() : std::vector<reload::blocked_build>()};
  }

  base::result<void> open_port() {
    const auto& settings = parts_.settings.admin;
    if (!settings.enabled) return {};
    auto server = admin::http_server::open_port(context_, settings, admin_sources());
    if (!server) return server.error();
    port_ = std::move(*server);
    log(events::host_listening, fmt::format("listening on http://{}:{}/", settings.address, port_->port()));
    return {};
  }

  // Two hosts on one machine are fine: if another host has the default path, this one starts without a
  // socket.
  base::result<void> open_control_socket() {
    const auto& settings = parts_.settings.admin;
    if (!settings.socket_enabled) return {};
    const auto usual = admin::default_control_socket(base::process_environment, ::geteuid() == 0);
    if (!settings.socket_configured && !usual) {
      log_missing_socket(std::string(admin::no_socket_place));
      return {};
    }
    const auto path = settings.socket_configured ? settings.socket : *usual;
    auto server = admin::http_server::open_control_socket(context_, path, admin_sources());
    if (!server && settings.socket_configured) return server.error();
    if (!server) {
      log_missing_socket(server.error().message);
      return {};
    }
    control_socket_ = std::move(*server);
    log(events::control_socket_opened, fmt::format("control socket: {}", path.string()));
    return {};
  }

  static void log_missing_socket(const std::string& reason) {
    log(events::control_socket_missing, {},
        fmt::format("this host has no control socket, so scanhost ctl cannot reach it: {}", reason),
        {{"error", reason}});
  }

  base::result<void> prepare_for_crashes() {
    if (auto done = reload::count_crashes(parts_.place(), kept_.blocked, kept_.good,
                                          parts_.settings.plugins.crash_limit);
        !done)
      return done.error();
    auto handler = runner::crash_handler::install(parts_.place(), parts_.staging->folder());
    if (!handler) return handler.error();
    crash_handler_ = std::move(*handler);
    return {};
  }

  base::result<void> fall_back_from_blocked_builds() {
    auto found = reload::find_fallbacks(parts_.plugins, selected_, *parts_.loader, kept_.blocked, kept_.good);
    if (!found) return found.error();
    for (auto& [plugin, fallback] : *found) use_fallback(plugin, std::move(fallback));
    return {};
  }

  // An older build may have other options than those that the configuration gives.
  void use_fallback(const std::string& plugin, reload::fallback fallback) {
    auto plugins = parts_.plugins;
    plugins.plugins.at(plugin) = fallback.build;
    auto settings = plan_reader_.settings_with(plugins);
    auto selected = settings ? plan::select_scanners(*settings, {}) : settings.error();
    if (!selected) {
      log(events::last_good_build_unusable,
          fmt::format("the last good build of {} cannot run with this configuration: {}", plugin,
                      selected.error().message));
      return;
    }
    parts_.plugins = std::move(plugins);
    parts_.settings = std::move(*settings);
    selected_ = std::move(*selected);
    fallbacks_.emplace(plugin, std::move(fallback.reason));
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

  void apply_pause(runner::scanner& scanner) {
    kept_.pauses.visit(scanner.name(), [&](const runner::pause_details* pause) {
      if (pause != nullptr) scanner.set_paused(true, *pause);
    });
  }

  void log_other_pauses() {
    std::set<std::string> names;
    for (const auto& scanner : scanners_.scanners()) names.insert(scanner->name());
    for (const auto& note : reload::pause_notes(kept_.pauses.entries(), names, names))
      log(events::pause_kept, note);
  }

  // Why the host as a whole is not ready yet, apart from its scanners; empty: it is ready.
  std::string not_ready() const {
    if (reloads_) return {};
    if (!waiting_for_.empty()) return waiting_for_;
    return "starting: the store " + parts_.settings.store.url +
           " is asked for partition counts and functions";
  }

  void try_to_start() {
    worker_.start(
        [this](std::stop_token stop) {
          return plan::make_plans(parts_.settings, parts_.plugins, selected_, config_file_, nullptr,
                                  std::move(stop));
        },
        [this](plan_worker::plans plans) { take_plans(std::move(plans)); });
  }

  // Tries again while the store cannot be reached; any other problem ends the host.
  void take_plans(plan_worker::plans plans) {
    base::standard_error().drain();
    if (plans) return start(std::move(*plans));
    const auto code = plans.error().code;
    const bool can_pass = code == base::errc::unavailable || code == base::errc::timed_out;
    if (!can_pass) return give_up(plans.error());
    if (std::exchange(waiting_for_, plans.error().message) != plans.error().message)
      log(events::store_awaited, {}, fmt::format("waiting for the store: {}", waiting_for_),
          {{"error", waiting_for_}});
    report_to_manager({});
    timer_.expires_after(retry_);
    retry_ = std::min(2 * retry_, max_retry);
    timer_.async_wait([this](const auto& problem) {
      if (!problem) try_to_start();
    });
  }

  void give_up(base::error problem) {
    failure_ = std::move(problem);
    context_.stop();
  }

  void start(std::vector<plan::scanner_plan> plans) {
    if (auto room = plan::check_room(plans, parts_.staging->folder()); !room) return give_up(room.error());
    const auto reasons = reload::find_blocked_scanners(plans, kept_.blocked);
    if (!reasons) return give_up(reasons.error());
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const auto& settings = selected_[i];
      auto scanner = std::make_shared<runner::scanner>(std::move(plans[i]), *parts_.loader, registry_);
      scanners_.add(scanner);
      scanner->recall(kept_.histories.find(settings.name));
      apply_pause(*scanner);
      const auto reason = reasons->find(settings.name);
      const auto delay = runner::first_delay(i, plans.size(), settings.interval);
      if (const auto fallback = fallbacks_.find(settings.plugin); fallback != fallbacks_.end()) {
        start_last_good(*scanner, delay, fallback->second);
      } else if (reason == reasons->end()) {
        scanner->start(delay);
      } else {
        log(events::scanner_not_started, settings.name, fmt::format("is not started: {}", reason->second),
            {{"error", reason->second}});
        scanner->set_blocked(reason->second);
      }
    }
    log(events::host_started,
        fmt::format("started: scanners={} store={}", plans.size(), parts_.settings.store.url));
    parts_.plugins = {};  // the scanners have what they need of it
    functions_.follow(scanners_.functions());
    log_other_pauses();
    start_reloads();
    manager_.note_ready();
    tick();
  }

  void start_last_good(runner::scanner& scanner, base::milliseconds delay, const std::string& reason) {
    log(events::last_good_build_used, scanner.name(), fmt::format("runs its last good build: {}", reason),
        {{"error", reason}});
    registry_.counter(metrics::names::reloads, {{"scanner", scanner.name()}, {"outcome", "rolled_back"}})
        .add();
    scanner.start(delay, "rolled_back", reason);
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
      sample(statuses);
      keep_histories(statuses);
      report_to_manager(statuses);
      tick();
    });
  }

  void sample(const std::vector<runner::scanner_status>& statuses) {
    const auto now = base::steady::now();
    if (history_.is_due(now)) history_.add(admin::observe(statuses, registry_), now, base::system_now());
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
    port_.reset();
    control_socket_.reset();
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
  std::vector<config::scanner_settings> selected_;
  std::map<std::string, std::string> fallbacks_;  // by plugin: why its last good build runs
  service_manager manager_;
  metrics::registry registry_;
  metrics::process_metrics process_{registry_};
  admin::state_metrics states_{registry_};
  admin::history history_;
  asio::io_context context_{1};
  asio::signal_set signals_{context_};
  asio::steady_timer timer_{context_};
  base::milliseconds retry_ = min_retry;
  std::string waiting_for_;
  bool changed_while_starting_ = false;
  std::optional<base::error> failure_;
  std::optional<base::steady_time> stop_deadline_;
  std::unique_ptr<runner::crash_handler> crash_handler_;
  runner::roster scanners_;
  runner::function_watch functions_{context_, [this] { functions_changed(); }};
  admin::control control_{context_, scanners_, kept_.pauses};
  activity_log activity_;
  std::unique_ptr<reload::reloader> reloads_;
  std::unique_ptr<reload::file_watch> watch_;
  admin::peers peers_{context_, parts_.settings.admin.peers, parts_.settings.admin.read_token};
  std::unique_ptr<admin::http_server> control_socket_;
  std::unique_ptr<admin::http_server> port_;
  plan_worker worker_{context_};
};

}  // namespace

base::result<base::exit_code> run_service(plan::assembly parts, const std::filesystem::path& config_file) {
  service host(std::move(parts), config_file.string());
  return host.run();
}

}  // namespace scanhost::boot
