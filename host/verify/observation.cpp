// SPDX-License-Identifier: Apache-2.0
#include "verify/observation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/errno_text.hpp"
#include "plugin/lua_commands.hpp"
#include "plugin/staged_file.hpp"
#include "verify/check_input.hpp"
#include "verify/odd_replies.hpp"
#include "verify/report.hpp"
#include "verify/subject.hpp"

namespace scanhost::verify {
namespace {

constexpr int cycles = 3;

behaviour with_answers(std::function<std::optional<testing::answer>(const testing::call&)> instead) {
  behaviour how;
  how.instead = std::move(instead);
  how.plausible = false;
  return how;
}

// Each leads a scanner down another path.
std::vector<behaviour> stores() {
  std::vector<behaviour> all(5);
  all[1].refills = false;
  all[2].has_data = false;
  all[3].whole_collections = true;
  all[4].effects = [](const testing::call&) { return testing::effect::keeps_item; };
  all.push_back(with_answers(odd_replies()));
  all.push_back(with_answers([](const testing::call& asked) {
    const bool acts = asked.acts() || testing::memory_store::is_script(asked.args.front());
    return acts ? std::optional<testing::answer>(testing::error("ERR something is wrong")) : std::nullopt;
  }));
  return all;
}

void play(const subject_plugin& plugin, behaviour how, reply_memory& memory, witness& reports) {
  how.turns = usual(plugin.description).turns;
  how.heard = [&reports](const testing::call& sent) { reports.sent(observe(sent)); };
  trial life(plugin, std::move(how), memory, reports);
  life.create();
  for (int cycle = 0; cycle < cycles; ++cycle) life.cycle();
  life.cycle(SCANHOST_VISIT_EARLY);
  life.explain_items();
  life.destroy();
}

void watch_commands(child_task& task) {
  with_plugin(task, [&](const subject_plugin& plugin, reply_memory& memory) {
    for (auto& how : stores()) play(plugin, std::move(how), memory, task.reports);
  });
  task.reports.exercised({});  // by this the parent knows that nothing ended it early
}

std::string first_finding(const check_report& report) {
  return report.found.empty() ? "it ended early" : report.found.front().what;
}

std::set<std::string> without(std::set<std::string> names, const std::set<std::string>& known) {
  std::erase_if(names, [&](const std::string& name) { return known.contains(name); });
  return names;
}

base::result<std::string> read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    return base::fail(base::errc::no_input, fmt::format("{}: {}", file.string(), base::errno_text(errno)));
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

// Scripts that were not sent are in the file too.
void add_text_of_file(std::string_view text, observation& seen) {
  const auto scripts = plugin::commands_in(text);
  const bool runs_scripts = seen.sent.names.contains("EVAL") || !scripts.names.empty();
  seen.named = without(commands_named_in(text), seen.sent.names);
  seen.named.merge(without(scripts.names, seen.sent.in_scripts));
  if (!scripts.names.empty() && runs_scripts && !seen.sent.names.contains("EVAL")) seen.named.insert("EVAL");
  for (const auto& channel : scripts.channels) seen.sent.channels.insert(channel);
  if (std::ranges::any_of(seen.named, may_write)) seen.sent.writes = true;
}

}  // namespace

base::result<observation> observe_plugin(const std::filesystem::path& file, const options& how) {
  const auto source = plugin::open_plugin_file(file);
  if (!source) return base::fail(base::errc::no_input, source.error().message);
  const auto copy = plugin::staged_file::copy(source->get(), {}, file.stem().string(), file.string());
  if (!copy) return base::fail(base::errc::no_input, copy.error().message);
  const auto text = read_file(file);
  if (!text) return text.error();
  const auto ending =
      plugin::run_child({"--verify", std::string(observing_task().name), plugin::child_file, file.string(),
                         std::to_string(how.limit.count())},
                        (*copy)->fd(), how.limit + child_grace, encode(check_input{how.values, how.store}));
  if (!ending) return base::fail(base::errc::unavailable, ending.error().message);
  const auto report = read_check_report(ending->output);
  if (!report.done || !report.exercised)
    return base::fail(
        base::errc::data,
        fmt::format("{0}: its scans do not work, so its commands are not known: {1}; see `scanhost "
                    "plugin verify {0}`",
                    file.string(), how.secrets.apply(first_finding(report))));
  observation seen{report.sent, {}};
  add_text_of_file(*text, seen);
  return seen;
}

const child_check& observing_task() noexcept {
  static constexpr child_check task{"commands", "", &watch_commands};
  return task;
}

}  // namespace scanhost::verify
