// SPDX-License-Identifier: Apache-2.0
//
// What a generation does on its thread: its library, its instances, its event loop.
#include "runner/generation/sweeper.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/log.hpp"
#include "runner/crash/crash_place.hpp"

namespace scanhost::runner {

namespace {

namespace asio = boost::asio;

constexpr base::milliseconds cancelled_grace{500};  // for scans to finish after they were cancelled
// A new generation waits so long for its connection before it takes over without one: then the old one most
// likely has none either, and the store is not the build's fault.
constexpr base::milliseconds connection_patience{2000};
constexpr base::milliseconds connection_look{10};

swept_family swept(const plan::scanner_plan& plan) {
  const auto& families = plan.plugin.description.families;
  if (families.empty()) return {};
  const auto& first = families.front();
  const auto counted = plan.partition_counts.find(first.name);
  const auto count = counted == plan.partition_counts.end() ? first.default_count : counted->second;
  return {first.name, first.tag_pattern, std::max(count, 1u)};
}

}  // namespace

sweeper::sweeper(const surroundings& around, run_mode mode)
    : around_(around),
      mode_(mode),
      settings_(around.plan.settings),
      work_(asio::make_work_guard(around.context)),
      family_(swept(around.plan)),
      calls_(around.calls),
      schedule_(settings_.interval, base::steady::now() + mode.first_delay),
      timer_(around.context) {}

sweeper::~sweeper() = default;

base::result<reports> sweeper::run(std::unique_ptr<plugin::library>& library) {
  std::optional<base::error> problem;
  crash_place::set(settings_.name, around_.generation, around_.plan.plugin.sha256);
  client_ =
      std::make_unique<store::client>(around_.context, around_.plan.store, around_.registry, settings_.name);
  visits_ = std::make_unique<visits>(
      around_.context, *client_, around_.plan, around_.record, calls_, around_.abandoned,
      visits::listener{[this] { wake(); }, [this](const visit_end& end) { ended(end); }});
  services_ = std::make_unique<services>(around_.plan, around_.record, *visits_, family_);
  client_->start();
  while (!leaving()) {
    problem = library ? std::nullopt : open(library);
    if (!problem) problem = run_instance(*library);
    if (!problem || mode_.cycles || around_.gate.held()) break;
    back_off(problem->message);
  }
  client_->stop();
  around_.context.poll();
  publish();
  services_.reset();
  visits_.reset();
  client_.reset();
  ends(scanner_state::stopped);
  crash_place::clear();
  if (problem && (mode_.cycles || around_.gate.held())) return *problem;
  return std::move(reports_);
}

std::optional<base::error> sweeper::open(std::unique_ptr<plugin::library>& library) {
  around_.calls.enter();
  auto opened = around_.loader.open(around_.plan.plugin, settings_.unload == config::unload_policy::never);
  around_.calls.leave();
  if (!opened) return base::fail(base::errc::data, opened.error().message);
  library = std::move(*opened);
  if (settings_.unload == config::unload_policy::never) library->keep();
  around_.record.loaded(around_.generation, library->description().version, library->sha256());
  return std::nullopt;
}

// A run of so many cycles is not for waiting until a store appears.
std::optional<base::error> sweeper::check_store() {
  const auto answer = std::make_shared<std::optional<base::result<void>>>();
  client_->refresh_clock(family_.tag(0),
                         [answer](base::result<void> answered) { answer->emplace(std::move(answered)); });
  while (!*answer && !around_.stopping) around_.context.run_one();
  if (!*answer || **answer) return std::nullopt;
  return base::fail(base::errc::unavailable, "scanner " + settings_.name + ": " + (*answer)->error().message);
}

std::optional<base::error> sweeper::run_instance(const plugin::library& library) {
  std::optional<base::error> problem;
  auto new_instance = instance::create(library.descriptor(), *services_->table(), calls_);
  if (!new_instance) {
    problem = new_instance.error();
  } else {
    instance_ = std::move(*new_instance);
    visits_->use(instance_.get());
    if (around_.gate.held()) wait_at_gate();
    if (!leaving()) take_over();
    around_.record.state(around_.generation, scanner_state::waiting);
    if (around_.record.paused()) visits_->halt();
    if (mode_.cycles) problem = check_store();
    if (!problem) wake();
    while (!problem && !leaving()) around_.context.run_one();
    if (!visits_->broken().empty()) problem = base::fail(base::errc::software, visits_->take_broken());
  }
  flush_counts();
  cycle_.reset();
  early_.clear();
  departing_.clear();
  visits_->drop_all();
  if (!problem && !forced_ && !around_.abandoned) leave_state();
  instance_.reset();
  visits_->use(nullptr);
  if (around_.abandoned) problem.reset();
  return problem;
}

void sweeper::wait_at_gate() {
  at_gate_ = true;
  const auto deadline = base::steady::now() + connection_patience;
  asio::steady_timer look(around_.context);
  while (client_->status().state != store::connection_state::up && base::steady::now() < deadline &&
         !around_.stopping && !around_.abandoned) {
    look.expires_after(connection_look);
    wait_for(look);
  }
  around_.gate.ready();
  while (around_.gate.held() && !leaving()) around_.context.run_one();
  at_gate_ = false;
}

void sweeper::take_over() {
  const auto state = around_.gate.take_inherited();
  if (!state) return;
  if (const auto refused = instance_->import_state(*state))
    base::log(base::severity::warn, settings_.name, "the state of its predecessor is dropped: " + *refused);
}

void sweeper::leave_state() {
  if (!instance_ || !around_.gate.state_wanted()) return;
  std::optional<std::string> problem;
  if (auto state = instance_->export_state(problem)) around_.gate.leave(std::move(*state));
  if (problem)
    base::log(base::severity::warn, settings_.name, "leaves no state to its successor: " + *problem);
}

// The wait can be ended by a stop.
void sweeper::back_off(const std::string& reason) {
  const auto wait = restart_wait_.failed();
  const auto restarts = around_.record.restarted(around_.generation, reason);
  base::log(base::severity::error, settings_.name,
            "restarts: reason=\"" + reason + "\" restarts=" + std::to_string(restarts) +
                " next_attempt_ms=" + std::to_string(wait.count()));
  asio::steady_timer timer(around_.context, wait);
  wait_for(timer);
}

void sweeper::wait_for(asio::steady_timer& timer) {
  bool fired = false;
  timer.async_wait([&fired](const auto&) { fired = true; });
  while (!fired && !around_.stopping && !around_.abandoned) around_.context.run_one();
  if (fired) return;
  timer.cancel();
  while (!fired) around_.context.run_one();
}

bool sweeper::leaving() const {
  if (around_.abandoned || forced_) return true;
  if (!visits_->broken().empty()) return true;
  if (mode_.cycles && !cycle_ && reports_.size() >= *mode_.cycles) return true;
  return around_.stopping && visits_->idle();
}

void sweeper::stop_asked() {
  ends(scanner_state::stopping);
  if (visits_) visits_->halt();
  wake();
}

// One that has a successor goes unseen: the scanner does not stop.
void sweeper::ends(scanner_state how) {
  if (!around_.gate.state_wanted()) around_.record.state(around_.generation, how);
}

void sweeper::cancel() {
  if (visits_) visits_->cancel_all();
  const auto timer = std::make_shared<asio::steady_timer>(around_.context, cancelled_grace);
  timer->async_wait([this, timer](const auto&) { forced_ = true; });
  wake();
}

void sweeper::publish() {
  if (client_) around_.record.store_is(around_.generation, client_->status());
}

void sweeper::released() { wake(); }

// Honoured between turns: scans end at their next one, and the cycle they are in counts for nothing.
void sweeper::pause_asked() {
  if (!visits_ || around_.stopping) return;
  around_.record.paused() ? visits_->halt() : visits_->resume();
  wake();
}

void sweeper::run_now() {
  schedule_.bring_forward(base::steady::now());
  wake();
}

void sweeper::wake() {
  if (std::exchange(wake_posted_, true)) return;
  asio::post(around_.context, [this] {
    wake_posted_ = false;
    pump();
  });
}

// Everything that calls the plugin happens below here, and never while a call is under way: inside a
// blocking call the loop runs too.
void sweeper::pump() {
  if (calls_.inside() || !instance_ || at_gate_) return;
  bool did = true;
  while (did && !leaving()) {
    did = visits_->step();
    if (!leaving() && advance()) did = true;
  }
  if (!cycle_ && visits_->idle()) flush_counts();
  if (!leaving()) arm();
}

std::optional<base::steady_time> sweeper::next_moment() const {
  std::optional<base::steady_time> moment;
  if (mode_.cycles || around_.record.paused()) return moment;
  if (!cycle_ && visits_->idle()) moment = schedule_.next_start();
  if (departing_.empty()) {
    const auto departure = early_.next_departure();
    if (departure && (!moment || *departure < *moment)) moment = departure;
  }
  return moment;
}

void sweeper::arm() {
  const auto moment = next_moment();
  if (moment == armed_for_) return;
  armed_for_ = moment;
  if (!moment) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(*moment);
  timer_.async_wait([this](const auto& problem) {
    if (problem) return;
    armed_for_.reset();
    pump();
  });
}

}  // namespace scanhost::runner
