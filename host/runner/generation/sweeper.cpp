// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/sweeper.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "base/mapped_range.hpp"
#include "base/size_text.hpp"
#include "runner/crash/crash_place.hpp"

namespace scanhost::runner {

namespace {

namespace asio = boost::asio;

constexpr base::milliseconds max_finish_time{500};  // for scans, after they were cancelled
// A new generation waits this long for its connection before it starts without one: then the old one most
// likely has none either, and the store is not the build's fault.
constexpr base::milliseconds max_connection_wait{2000};
constexpr base::milliseconds connection_check_period{10};

// Of the generation before, if there is one.
bool has_swept(const scanner_status& before) {
  return before.cycles > 0 && before.state != scanner_state::resting;
}

}  // namespace

sweeper::sweeper(shared_state& shared, plugin::loader& loader, metrics::registry& registry, run_mode mode)
    : shared_(shared),
      loader_(loader),
      settings_(shared.plan->settings),
      mode_(mode),
      work_(asio::make_work_guard(shared.context)),
      wake_(shared.context, [this] { step(); }),
      alarm_(shared.context, [this] { step(); }),
      calls_(shared.calls),
      client_(shared.context, shared.plan->store, registry, settings_.name,
              store::shared_rate_limits(settings_, shared.plan->store)),
      scans_(shared.context, client_, *shared.plan, *shared.record, calls_, shared.abandoned, wake_,
             shared.number),
      needs_(shared.plan->plugin.description, settings_.enabled, has_swept(shared.record->status())),
      sweep_(shared, mode, client_, scans_, restart_wait_, wake_, memory_),
      probe_(client_, *shared.record, !settings_.dry_run, [this] { go_on_after_trouble(); }),
      services_(*shared.plan, *shared.record, scans_, client_, sweep_.family(), sweep_.offers()),
      explainer_(
          shared.context, client_, scans_, sweep_.family(),
          [this](std::string_view text) { return services_.redact(text); }, [this] { wake(); }) {}

base::result<reports> sweeper::run(std::unique_ptr<plugin::library>& library) {
  std::optional<base::error> problem;
  warn_without_count();
  if (settings_.dry_run)
    base::log(base::events::dry_run_active, settings_.name,
              "dry run: every command that may change the store is held back");
  client_.start();
  if (mode_.cycles) {
    scans_.blame_items_for_keys();
    services_.write_repeated_lines();  // whoever runs some cycles looks at each of them
  }
  run_until_end(library, problem);
  if (mode_.cycles) ask_for_troubles();
  client_.stop();
  shared_.context.poll();
  publish();
  if (problem && (mode_.cycles || shared_.gate.held())) return *problem;
  return sweep_.take_reports();
}

void sweeper::run_until_end(std::unique_ptr<plugin::library>& library, std::optional<base::error>& problem) {
  while (!leaving()) {
    problem = library ? std::nullopt : open(library);
    if (!problem) problem = run_instance(*library);
    if (!problem || mode_.cycles || shared_.gate.held()) return;
    if (problem->code == base::errc::config) return await_other_options(problem->message);
    back_off(problem->message);
  }
}

std::optional<base::error> sweeper::open(std::unique_ptr<plugin::library>& library) {
  const bool never_unloaded = settings_.unload == config::unload_policy::never;
  shared_.calls.enter();
  auto opened = loader_.open(shared_.plan->plugin, never_unloaded);
  shared_.calls.leave();
  if (!opened) return base::fail(base::errc::data, opened.error().message);
  library = std::move(*opened);
  const auto* code = reinterpret_cast<const void*>(library->descriptor().create);
  crash_place::set_library(base::find_mapped_range(code).value_or(base::mapped_range{}),
                           library->file().filename().string());
  if (never_unloaded) library->keep();
  shared_.record->set_build(shared_.number, library->description().version, library->sha256());
  return std::nullopt;
}

// --- an instance -------------------------------------------------------------------------------------

std::optional<base::error> sweeper::run_instance(const plugin::library& library) {
  memory_.open_instance();
  auto created = instance::create(library.descriptor(), *services_.table(), calls_);
  std::optional<base::error> problem;
  if (created) {
    instance_ = std::move(*created);
    scans_.use(instance_.get());
    problem = run_loop();
  } else {
    problem = created.error();
  }
  explainer_.end("its plugin was stopped or restarted meanwhile; ask again");
  sweep_.reset();
  scans_.drop_all();
  if (!problem && !forced_ && !shared_.abandoned) export_state();
  instance_.reset();
  scans_.use(nullptr);
  services_.end_instance();
  const auto kept = memory_.close_instance();
  if (problem && kept > 0)
    base::log(base::severity::debug, settings_.name,
              fmt::format("its destroy left {} of memory in use", base::size_text(kept)));
  if (shared_.abandoned) problem.reset();
  if (problem) problem->message = services_.redact(problem->message);
  return problem;
}

std::optional<base::error> sweeper::run_loop() {
  if (shared_.gate.held()) wait_at_gate();
  if (!leaving()) import_state();
  shared_.record->set_state(shared_.number, scanner_state::waiting);
  apply_functions();
  if (halted()) scans_.halt();
  std::optional<base::error> problem;
  if (mode_.cycles) problem = check_store();
  if (!problem) wake();
  while (!problem && !leaving()) shared_.context.run_one();
  if (scans_.health().failed()) problem = base::fail(base::errc::software, scans_.health().take_failure());
  return problem;
}

// `--cycles` does not wait for the store. Its answer is the clock of the first cycle, too.
std::optional<base::error> sweeper::check_store() {
  sweep_.take_clocks_from(base::steady::now());
  const auto answer = std::make_shared<std::optional<base::result<void>>>();
  client_.refresh_clock(sweep_.family().first_route(),
                        [answer](base::result<void> answered) { answer->emplace(std::move(answered)); });
  while (!*answer && !shared_.stopping) shared_.context.run_one();
  if (!*answer || **answer) return std::nullopt;
  return base::fail(base::errc::unavailable,
                    fmt::format("scanner {}: {}", settings_.name, (*answer)->error().message));
}

// Whether the states that the cycles met still last decides how the run ends.
void sweeper::ask_for_troubles() {
  probe_.start();
  while (probe_.under_way() && !shared_.stopping) shared_.context.run_one();
}

// What could not be done is done soon.
void sweeper::go_on_after_trouble() {
  if (mode_.cycles || shared_.stopping || shared_.record->has_store_trouble()) return;
  sweep_.run_now();
  wake();
}

void sweeper::wait_at_gate() {
  at_gate_ = true;
  const auto deadline = base::steady::now() + max_connection_wait;
  asio::steady_timer timer(shared_.context);
  while (client_.status().state != store::connection_state::up && base::steady::now() < deadline &&
         !shared_.stopping && !shared_.abandoned) {
    timer.expires_after(connection_check_period);
    wait_for(timer);
  }
  shared_.gate.set_ready();
  while (shared_.gate.held() && !leaving()) shared_.context.run_one();
  at_gate_ = false;
}

void sweeper::import_state() {
  const auto state = shared_.gate.take_inherited();
  if (!state) return;
  if (const auto refusal = instance_->import_state(*state))
    log_lost_state("the state of the previous generation is dropped", *refusal);
}

void sweeper::export_state() {
  if (!instance_ || !shared_.gate.state_requested()) return;
  std::optional<std::string> problem;
  if (auto state = instance_->export_state(problem)) shared_.gate.leave(std::move(*state));
  if (problem) log_lost_state("there is no state for the next generation", *problem);
}

void sweeper::log_lost_state(std::string_view text, const std::string& problem) const {
  const auto shown = services_.redact(problem);
  base::log(base::events::state_lost, settings_.name, fmt::format("{}: {}", text, shown), {{"error", shown}});
}

// Trying again cannot help: an operator has to change the options or the build, which ends this generation.
void sweeper::await_other_options(const std::string& reason) {
  shared_.record->set_options_refused(shared_.number, reason);
  base::log(base::events::options_refused, settings_.name,
            fmt::format("stopped until its options or its build change: {}", reason), {{"error", reason}});
  while (!leaving()) shared_.context.run_one();
}

// A stop ends the wait.
void sweeper::back_off(const std::string& reason) {
  const auto wait = restart_wait_.next();
  const auto restarts = shared_.record->count_restart(shared_.number, reason);
  base::log(
      base::events::scanner_restarts, settings_.name,
      fmt::format("restarts: reason=\"{}\" restarts={} next_attempt_ms={}", reason, restarts, wait.count()),
      {{"error", reason}});
  asio::steady_timer timer(shared_.context, wait);
  wait_for(timer);
}

void sweeper::wait_for(asio::steady_timer& timer) {
  bool fired = false;
  timer.async_wait([&fired](const auto&) { fired = true; });
  while (!fired && !shared_.stopping && !shared_.abandoned) shared_.context.run_one();
  if (fired) return;
  timer.cancel();
  while (!fired) shared_.context.run_one();
}

// --- the end -----------------------------------------------------------------------------------------

bool sweeper::leaving() const {
  if (shared_.abandoned || forced_ || scans_.health().failed() || sweep_.all_cycles_done()) return true;
  return shared_.stopping && scans_.idle();
}

void sweeper::begin_stop() {
  shared_.set_end_state(scanner_state::stopping);
  scans_.cancel_explanation();
  scans_.halt();
  wake();
}

void sweeper::cancel() {
  scans_.cancel_all();
  const auto timer = std::make_shared<asio::steady_timer>(shared_.context, max_finish_time);
  timer->async_wait([this, timer](const auto&) { forced_ = true; });
  wake();
}

void sweeper::publish() {
  shared_.record->set_store(shared_.number, client_.status());
  shared_.record->set_memory(shared_.number, memory_.bytes());
  if (!mode_.cycles) probe_.start();
  check_memory_limit();  // also within a cycle that takes long
}

void sweeper::check_memory_limit() {
  const auto limit = settings_.memory_limit.bytes;
  if (limit == 0 || !instance_) return;
  const auto bytes = memory_.bytes();
  if (!bytes || *bytes <= limit) return;
  scans_.health().fail(fmt::format("{} of memory are in use, more than its memory_limit of {}",
                                   base::size_text(*bytes), base::size_text(limit)));
}

void sweeper::warn_without_count() const {
  if (settings_.memory_limit.bytes == 0 || memory_.bytes()) return;
  base::log(
      base::events::memory_limit_ignored, settings_.name,
      "its memory_limit has no effect: this process does not count memory, since its allocator is not jemalloc");
}

// Honoured between turns: scans end at their next one, and the cycle that they are in is discarded.
void sweeper::apply_pause() {
  if (shared_.stopping) return;
  apply_halt();
  wake();
}

// `--cycles` does not wait: what cannot be called fails.
void sweeper::apply_functions() {
  const auto& functions = shared_.plan->functions;
  if (!functions || mode_.cycles || !instance_ || at_gate_ || shared_.stopping) return;
  const auto before = needs_.wait();
  needs_.update(functions->latest().get());
  shared_.record->set_function_wait(shared_.number, needs_.wait());
  if (needs_.wait() == before) return;
  log_function_wait(before);
  sweep_.set_held(needs_.wait().has_value());
  apply_halt();
  if (!needs_.wait()) sweep_.run_now();
  wake();
}

void sweeper::log_function_wait(const std::optional<function_wait>& before) const {
  const auto& wait = needs_.wait();
  const auto log = [&](const base::log_event& event, const std::string& text) {
    base::log(event, settings_.name, text);
  };
  if (!wait && before->state == scanner_state::resting)
    log(base::events::scanner_wakes, fmt::format("starts: the server has {}", before->functions));
  else if (!wait)
    log(base::events::functions_present, fmt::format("goes on: the server has {} again", before->functions));
  else if (wait->state == scanner_state::resting)
    log(base::events::scanner_rests, fmt::format("rests: it waits for {}", wait->functions));
  else
    log(base::events::functions_missing,
        fmt::format("functions missing: the server does not have {}; install them with: {}", wait->functions,
                    shared_.plan->functions->install_command()));
}

void sweeper::run_now() {
  sweep_.run_now();
  wake();
}

void sweeper::explain(item_question question) {
  if (instance_ && !at_gate_ && !leaving() && !shared_.stopping) {
    explainer_.ask(std::move(question));
    return wake();
  }
  item_explanation answer;
  answer.problem = "its plugin does not run at present: it starts, stops, or waits after a failure";
  question.on_explained(std::move(answer));
}

// Everything that calls the plugin happens below here, and never while a call is under way: inside a
// blocking call the loop runs too.
void sweeper::step() {
  if (calls_.inside() || !instance_ || at_gate_) return;
  bool busy = true;
  while (busy && !leaving()) {
    busy = scans_.step();
    if (!leaving() && explainer_.step(*instance_, sweep_.cycle_number())) busy = true;
    if (!leaving() && sweep_.advance()) busy = true;
  }
  if (!sweep_.cycle_under_way() && scans_.idle()) {
    sweep_.settle();
    sweep_.flush_counts();
    check_memory_limit();
  }
  if (!leaving()) alarm_.set(sweep_.next_moment());
}

}  // namespace scanhost::runner
