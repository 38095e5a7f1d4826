// SPDX-License-Identifier: Apache-2.0
//
// The demo's course: server, functions, workload, host, run, end, check. What is declared first is
// undone last.
#include "demo.hpp"

#include <algorithm>
#include <random>

#include "check.hpp"
#include "files.hpp"
#include "host.hpp"
#include "interrupt.hpp"
#include "problem.hpp"
#include "progress.hpp"
#include "seed.hpp"
#include "server.hpp"
#include "workload.hpp"

namespace scanhost::demo {
namespace {

using std::chrono::milliseconds;
namespace fs = std::filesystem;

constexpr milliseconds look_every{250};
constexpr milliseconds patience_at_the_end{10'000};

fs::path host_program(const options& options) {
  const auto program = options.host.empty() ? own_folder() / "scanhost" : fs::absolute(options.host);
  if (!fs::exists(program))
    throw problem(program.string() + ": there is no such program; name the host with --host");
  return program;
}

fs::path plugin_folder(const options& options) {
  if (!options.plugins.empty()) return fs::absolute(options.plugins);
  const auto root = own_folder().parent_path();
  for (const auto& folder : {root / "plugins", root / "lib" / "scanhost" / "plugins"}) {
    if (!plugins_in(folder).empty()) return folder;
  }
  throw problem("no plugins beside " + own_folder().string() + "; name their folder with --plugins");
}

class course {
 public:
  explicit course(const options& options);
  outcome run();

 private:
  host_settings settings() const;
  void write_workload();
  void wait_out();
  void wait_for_the_last();
  void look();
  milliseconds since_start() { return milliseconds(store_.now_ms() - times_.start); }

  options wanted_;
  progress progress_;
  fs::path program_, plugins_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<workload>> work_;
  std::optional<endpoint> listen_;
  temporary_directory folder_;
  server server_;
  store store_;
  std::uint64_t seed_;
  timing times_;
  std::vector<scanner_status> seen_;
  host host_;
};

std::optional<endpoint> page_of(const options& options) {
  if (options.no_listen) return std::nullopt;
  return options.listen ? *options.listen : free_endpoint();
}

std::vector<std::string> names_of(const std::vector<std::unique_ptr<workload>>& work,
                                  const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& workload : work) names.emplace_back(workload->scanner());
  if (names.empty())
    throw problem(folder.string() +
                  ": none of the bundled plugins is there; name their folder with --plugins");
  return names;
}

course::course(const options& options)
    : wanted_(options),
      progress_(options.json),
      program_(host_program(options)),
      plugins_(plugin_folder(options)),
      work_(workloads_for(plugins_in(plugins_))),
      listen_(page_of(options)),
      server_(folder_.path()),
      store_(server_.connect()),
      seed_(options.seed ? *options.seed : std::random_device{}()),
      host_(settings()) {
  names_ = names_of(work_, plugins_);
  if (options.keep) folder_.keep();
}

host_settings course::settings() const {
  return {program_, folder_.path(), server_.socket(), plugins_, names_of(work_, plugins_), listen_};
}

// Writing takes its time, on a busy machine more, and what comes due in the run must not come due
// before the host is up. So the rest is written first, and its pace tells when the run can begin.
void course::write_workload() {
  constexpr std::int64_t any_start = 60'000;
  constexpr std::int64_t host_start = 3000;
  const auto going_on = [] { return !interrupted(); };
  const auto begun = store_.now_ms();
  times_ = {begun, begun + any_start, begun + any_start + wanted_.duration.count()};
  plan_all(work_, times_, seed_, wanted_.size);
  progress_.say("writing " + std::to_string(wanted_.size) + " executions (seed " + std::to_string(seed_) +
                ") ...");
  const auto planned = store_.now_ms();
  store_.batch(common_commands());
  const auto written = seed(store_, work_, false, going_on);
  std::size_t left = 0;
  for (const auto& workload : work_) left += workload->records().size();
  left -= std::min(left, written);
  const auto now = store_.now_ms();
  const auto expected = 1.2 * static_cast<double>(now - planned) * static_cast<double>(left) /
                        static_cast<double>(std::max<std::size_t>(written, 1));
  times_.start = now + static_cast<std::int64_t>(expected) + host_start;
  times_.end = times_.start + wanted_.duration.count();
  for (const auto& workload : work_) workload->retime(times_.start, times_.end);
  seed(store_, work_, true, going_on);
}

void course::look() {
  if (auto now = host_.status()) seen_ = std::move(*now);
  if (!seen_.empty()) progress_.show(seen_, since_start(), wanted_.duration);
  if (!host_.running()) throw problem("the host ended during the run; its log says:\n" + host_.log_tail());
}

void course::wait_out() {
  while (!interrupted() && store_.now_ms() < times_.end) {
    look();
    rest(look_every);
  }
}

// A slow machine may be late; late is reported, and no violation.
void course::wait_for_the_last() {
  const auto until = store_.now_ms() + patience_at_the_end.count();
  while (!interrupted()) {
    const auto now = store_.now_ms();
    if (now > until || looks_done(store_, work_, {times_.now, now + 1000, false})) return;
    look();
    rest(milliseconds(500));
  }
}

outcome course::run() {
  outcome result;
  result.server_name = server_.name();
  result.server_version = server_.version();
  progress_.say("server: " + server_.name() + " " + server_.version() + ", private, at " +
                server_.socket().string());
  host_.install_functions();
  write_workload();
  const bool whole = !interrupted();
  const auto started = store_.now_ms();
  if (whole) {
    host_.start();
    progress_.say(listen_ ? "the host is up; look at http://" + listen_->text() + "/" : "the host is up");
    wait_out();
    wait_for_the_last();
    if (auto last = host_.status()) seen_ = std::move(*last);
  }
  result.host_ended_well = host_.stop();
  if (!result.host_ended_well)
    progress_.say("the host did not end with 0 within 15 s; its log says:\n" + host_.log_tail());
  result.interrupted = interrupted();
  result.counted = !seen_.empty();
  result.scanners = seen_;
  if (seen_.empty()) {
    for (const auto& name : names_) result.scanners.push_back({name, name, {}, 0, 0, 0, 0, 0, {}, {}, 0});
  }
  if (!whole) return result;  // half a workload cannot be checked
  progress_.say("checking every record ...");
  result.found = check_all(store_, work_, {started, store_.now_ms(), result.interrupted});
  if (wanted_.keep) progress_.say("kept: " + folder_.path().string());
  return result;
}

}  // namespace

outcome run_demo(const options& options) { return course(options).run(); }

}  // namespace scanhost::demo
