// SPDX-License-Identifier: Apache-2.0
//
// scanhost-demo: shows the host at work on a workload of its own, and checks what it did. In order: server,
// functions, workload, host, run, end, check. What is declared first is undone last.
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <random>

#include "check.hpp"
#include "ending.hpp"
#include "files.hpp"
#include "host.hpp"
#include "options.hpp"
#include "output.hpp"
#include "workload.hpp"

namespace scanhost::demo {
namespace {

using std::chrono::milliseconds;
namespace fs = std::filesystem;

fs::path host_program(const options& options) {
  auto program = options.host.empty() ? own_folder() / "scanhost" : fs::absolute(options.host);
  if (fs::exists(program)) return program;
  fail("{}: no such file; name the scanhost program with --host", program.string());
}

fs::path plugin_folder(const options& options) {
  if (!options.plugins.empty()) return fs::absolute(options.plugins);
  const auto root = own_folder().parent_path();
  for (const auto& folder : {root / "plugins", root / "lib" / "scanhost" / "plugins"}) {
    if (!plugins_in(folder).empty()) return folder;
  }
  fail("no plugins found for {}; name their folder with --plugins", own_folder().string());
}

class course {
 public:
  explicit course(const options& options)
      : options_(options),
        progress_(options.json),
        program_(host_program(options)),
        plugins_(plugin_folder(options)),
        loads_(workloads_for(plugins_in(plugins_))),
        listen_(options.listen.empty() ? free_address() : options.listen),
        server_(folder_.path()),
        store_(server_.connect()),
        host_({program_, folder_.path(), server_.socket(), plugins_, names(), listen_}) {
    if (options.keep) folder_.keep();
  }

  demo_result run() {
    result_.server_name = server_.name();
    result_.server_version = server_.version();
    for (const auto& name : names()) result_.scanners.push_back({.name = name, .plugin = name});
    progress_.say(fmt::format("started a private server, {} {}, at {}", server_.name(), server_.version(),
                              server_.socket().string()));
    host_.install_functions();
    write_workload();
    const bool is_whole = !interrupted();
    const auto started = store_.now_ms();
    if (is_whole) {
      host_.start();
      progress_.say(listen_ == "none" ? "the host is up"
                                      : fmt::format("the host is up; look at http://{}/", listen_));
      watch();
      look();
    }
    result_.host_ended_well = host_.stop();
    if (!result_.host_ended_well)
      progress_.say(fmt::format("the host did not end with exit code 0 within 15 s; its log ends with:\n{}",
                                host_.log_tail()));
    result_.interrupted = interrupted();
    if (!is_whole) return result_;  // half a workload cannot be checked
    progress_.say("checking every record ...");
    result_.check = check_all(store_, loads_, {started, store_.now_ms(), result_.interrupted});
    if (options_.keep) progress_.say(fmt::format("kept: {}", folder_.path().string()));
    return result_;
  }

 private:
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& load : loads_) names.emplace_back(load.scanner);
    if (names.empty()) fail("{}: has no bundled plugin; name their folder with --plugins", plugins_.string());
    return names;
  }

  // Writing takes its time, on a busy machine more, and what comes due in the run must not come due before
  // the host is up. So the rest is written first, and its pace tells when the run can begin.
  void write_workload() {
    constexpr std::int64_t any_start = 60'000, host_start = 3000;
    const auto duration = options_.duration.count();
    const auto seed_number = options_.seed ? *options_.seed : std::random_device{}();
    progress_.say(fmt::format("writing {} executions (seed {}) ...", options_.size, seed_number));
    const auto begun = store_.now_ms();
    times_ = {begun, begun + any_start, begun + any_start + duration};
    plan_all(loads_, times_, seed_number, options_.size);
    const auto planned = store_.now_ms();
    store_.batch(common_commands());
    const auto written = seed(store_, loads_, false);
    std::size_t total = 0;
    for (const auto& load : loads_) total += load.records().size();
    const auto now = store_.now_ms();
    const auto left = static_cast<double>(total - std::min(total, written));
    const auto pace =
        static_cast<double>(now - planned) / static_cast<double>(std::max<std::size_t>(written, 1));
    times_.start = now + static_cast<std::int64_t>(1.2 * pace * left) + host_start;
    times_.end = times_.start + duration;
    for (auto& load : loads_) load.retime(times_.start, times_.end);
    seed(store_, loads_, true);
  }

  // A slow machine may be late; lateness is reported, and is no violation.
  void watch() {
    constexpr std::int64_t patience = 10'000;
    while (!interrupted()) {
      const auto now = store_.now_ms();
      if (now > times_.end + patience) return;
      if (now > times_.end && looks_done(store_, loads_, {times_.now, now + 1000, false})) return;
      look();
      rest(milliseconds(250));
    }
  }

  void look() {
    if (auto scanners = host_.status()) {
      result_.scanners = std::move(*scanners);
      result_.counted = true;
    }
    if (result_.counted)
      progress_.show(result_.scanners, milliseconds(store_.now_ms() - times_.start), options_.duration);
    if (!host_.is_running()) fail("the host ended during the run; its log ends with:\n{}", host_.log_tail());
  }

  options options_;
  progress progress_;
  fs::path program_, plugins_;
  workloads loads_;
  demo_result result_;
  std::string listen_;
  temporary_directory folder_;
  server server_;
  store store_;
  timing times_;
  host host_;
};

int run(int argc, char** argv) {
  const auto parsed = parse_options(argc, argv);
  if (parsed.exit) return *parsed.exit;
  watch_for_interrupts();
  try {
    const auto result = course(parsed.requested).run();
    std::cout << (parsed.requested.json ? json_of(result) + "\n" : summary_of(result)) << std::flush;
    return exit_code_of(result);
  } catch (const std::exception& reason) {
    if (interrupted()) return interrupted_by_user;
    std::cerr << "scanhost demo: " << reason.what() << std::endl;
    return failed;
  }
}

}  // namespace
}  // namespace scanhost::demo

int main(int argc, char** argv) { return scanhost::demo::run(argc, argv); }
