// SPDX-License-Identifier: Apache-2.0
#include "plugin/probe.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <string>
#include <vector>

namespace scanhost::plugin {
namespace {

bool in_create(probe_step step) noexcept { return step == probe_step::create || step == probe_step::destroy; }

load_error hung(const probe_report& report, base::milliseconds limit, const std::string& name,
                const std::string& quote) {
  const auto reason = in_create(report.step) ? refusal::create_hung : refusal::constructor_hung;
  return {reason,
          fmt::format("{}: did not return within {} ms {}{}; nothing there may wait for anything outside",
                      name, limit.count(), to_text(report.step), quote)};
}

// AddressSanitizer's runtime ends the process before any code of the plugin runs.
load_error without_sanitizer(const std::string& name) {
  return {refusal::constructor_crashed,
          fmt::format(
              "{}: is built with AddressSanitizer, whose runtime has to be loaded before the host starts; {}",
              name, sanitizer_advice)};
}

load_error crashed(const probe_report& report, int status, const std::string& name,
                   const std::string& quote) {
  const auto reason = in_create(report.step) ? refusal::create_crashed : refusal::constructor_crashed;
  return {
      reason,
      fmt::format(
          "{}: {} {}{}; run `gdb --args scanhost --probe {}` to see where, or report it to the plugin's author",
          name, describe_end(status), to_text(report.step), quote, name)};
}

}  // namespace

load_result<probed_plugin> judge(const child_ending& ending, base::milliseconds limit,
                                 const std::string& name) {
  auto report = read_report(ending.output);
  const auto quote =
      ending.complaint.empty() ? std::string() : fmt::format(" (its output: {})", ending.complaint);
  if (ending.timed_out) return hung(report, limit, name, quote);
  const bool ended_well = WIFEXITED(ending.wait_status) && WEXITSTATUS(ending.wait_status) == 0;
  if (report.refused) return std::move(*report.refused);
  if (lacks_sanitizer_runtime(ending)) return without_sanitizer(name);
  if (!ended_well || report.step != probe_step::done || !report.description)
    return crashed(report, ending.wait_status, name, quote);
  return probed_plugin{std::move(*report.description), std::move(report.bad_option)};
}

load_result<probed_plugin> probe(int fd, const probe_request& request) {
  std::vector<std::string> arguments = {"--probe", child_file, request.name};
  if (!request.closes) arguments.emplace_back(stay_open);
  if (request.settings) arguments.emplace_back(with_settings);
  const auto input = request.settings ? encode(*request.settings) : std::string();
  const auto ending = run_child(arguments, fd, request.limit, input);
  if (!ending)
    return load_error{refusal::open_failed,
                      fmt::format("{}: cannot be probed: {}", request.name, ending.error().message)};
  return judge(*ending, request.limit, request.name);
}

}  // namespace scanhost::plugin
