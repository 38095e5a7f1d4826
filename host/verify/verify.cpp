// SPDX-License-Identifier: Apache-2.0
#include "verify/verify.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>

#include "plugin/staged_file.hpp"
#include "verify/check.hpp"
#include "verify/check_input.hpp"
#include "verify/report.hpp"

namespace scanhost::verify {
namespace {

bool asked_for(const options& how, std::string_view name) {
  return how.only.empty() || std::find(how.only.begin(), how.only.end(), name) != how.only.end();
}

std::string at_step(const check_report& report) {
  return report.step.empty() ? std::string() : " " + report.step;
}

std::string quote(const plugin::child_ending& ending) {
  return ending.complaint.empty() ? std::string() : " (its output: " + ending.complaint + ")";
}

class sequence {
 public:
  sequence(const std::filesystem::path& file, const options& how,
           const std::function<void(const check_result&)>& progress, const plugin::staged_file& copy)
      : how_(how), progress_(progress), copy_(copy), name_(file.string()) {
    report_.file = file;
  }

  report run() && {
    bool readable = look_at_the_file();
    for (const auto& check : library_checks()) {
      const bool is_load = check.name == load_check;
      const bool useful = readable && (is_load || loaded_ || check.name == "undefined_symbols");
      run_child_check(check, useful,
                      readable ? "it cannot be loaded" : "its file cannot be read as a plugin");
    }
    for (const auto& group : {scan_checks(), acting_checks(), growth_checks()})
      for (const auto& check : group)
        run_child_check(check, loaded_ && (check.name == scan_check || scans_), why_no_scans());
    return std::move(report_);
  }

 private:
  bool look_at_the_file() {
    const plugin::file_source bytes(copy_.fd());
    const auto image = plugin::elf_image::read(bytes, name_);
    const auto facts = plugin::read_elf(bytes, name_);
    if (!image || !facts) {
      check_result unreadable{"entry", "it is a shared library that exports the entry", verdict::faulty, {}};
      unreadable.found.push_back(found(image ? facts.error() : image.error(), name_));
      add(std::move(unreadable));
      return false;
    }
    for (const auto& check : file_checks()) {
      if (!asked_for(how_, check.name)) continue;
      check_result result{std::string(check.name), std::string(check.proves), verdict::passed, {}};
      result.found = check.look({bytes, *image, *facts, how_.rules});
      if (!result.found.empty()) result.outcome = verdict::faulty;
      add(std::move(result));
    }
    return facts->has_entry && !facts->program;
  }

  std::string why_no_scans() const {
    return loaded_ ? "its scans do not work at all; fix the findings of `scan` first"
                   : "it cannot be loaded; fix the findings of `load` first";
  }

  void run_child_check(const child_check& check, bool useful, const std::string& otherwise) {
    const bool needed_by_others = check.name == load_check || check.name == scan_check;
    if (!asked_for(how_, check.name) && !needed_by_others) return;
    check_result result{std::string(check.name), std::string(check.proves), verdict::skipped, {}, otherwise};
    if (useful) result = run_child(std::move(result));
    if (check.name == load_check)
      loaded_ = result.outcome != verdict::skipped && report_.description.has_value() && !broke(result);
    if (check.name == scan_check) scans_ = result.outcome != verdict::skipped && !broke(result);
    if (asked_for(how_, check.name)) add(std::move(result));
  }

  // After these, other checks would only show the same again.
  static bool broke(const check_result& result) {
    return std::any_of(result.found.begin(), result.found.end(), [](const finding& finding) {
      for (const auto kind :
           {fault::crashed, fault::hung, fault::ended_process, fault::exception, fault::no_child})
        if (finding.fault == to_text(kind)) return true;
      return finding.fault == plugin::to_text(plugin::refusal::create_failed);
    });
  }

  check_result run_child(check_result asked) {
    const auto limit = std::to_string(how_.limit.count());
    const auto ending = plugin::run_child({"--verify", asked.name, plugin::child_file, name_, limit},
                                          copy_.fd(), how_.limit + child_grace, input());
    if (!ending) {
      asked.outcome = verdict::faulty;
      asked.found = {found(fault::no_child, "the check could not be made: " + ending.error().message)};
      return asked;
    }
    auto child_report = read_check_report(ending->output);
    if (child_report.description) report_.description = std::move(child_report.description);
    if (child_report.exercised) report_.exercised = std::move(child_report.exercised);
    auto judged = judge(std::move(asked), *ending, how_.limit);
    for (auto& finding : judged.found) finding.what = how_.secrets.apply(finding.what);
    return judged;
  }

  std::string input() const { return encode(check_input{how_.values, how_.store}); }

  void add(check_result result) {
    if (progress_) progress_(result);
    report_.checks.push_back(std::move(result));
  }

  const options& how_;
  const std::function<void(const check_result&)>& progress_;
  const plugin::staged_file& copy_;
  std::string name_;
  report report_;
  bool loaded_ = false;
  bool scans_ = false;
};

// A crash that another finding explains (a reply that was read too late) is not a second finding.
bool explains_a_crash(const findings& reported) {
  return std::any_of(reported.begin(), reported.end(), [](const finding& finding) {
    return finding.fault == to_text(fault::reply_after_release) ||
           finding.fault == to_text(fault::reply_written);
  });
}

}  // namespace

std::string_view to_text(verdict outcome) noexcept {
  switch (outcome) {
    case verdict::passed:
      return "passed";
    case verdict::faulty:
      return "faulty";
    case verdict::skipped:
      break;
  }
  return "skipped";
}

bool report::clean() const noexcept {
  return std::all_of(checks.begin(), checks.end(),
                     [](const check_result& result) { return result.outcome == verdict::passed; });
}

std::vector<std::string> check_names() {
  std::vector<std::string> names;
  for (const auto& check : file_checks()) names.emplace_back(check.name);
  for (const auto& group : {library_checks(), scan_checks(), acting_checks(), growth_checks()})
    for (const auto& check : group) names.emplace_back(check.name);
  return names;
}

check_result judge(check_result asked, const plugin::child_ending& ending, base::milliseconds limit) {
  const auto report = read_check_report(ending.output);
  asked.found = report.found;
  asked.skipped_because.clear();
  if (report.hung || ending.timed_out) {
    asked.found.push_back(found(
        fault::hung, "it did not return within " + std::to_string(limit.count()) + " ms" + at_step(report)));
  } else if (WIFSIGNALED(ending.wait_status)) {
    if (!explains_a_crash(report.found))
      asked.found.push_back(found(fault::crashed, "it " + plugin::describe_end(ending.wait_status) +
                                                      at_step(report) + quote(ending)));
  } else if (plugin::lacks_sanitizer_runtime(ending)) {
    asked.found.push_back({std::string(to_text(fault::ended_process)),
                           "it is built with AddressSanitizer, whose runtime was not loaded before it",
                           plugin::sanitizer_advice});
  } else if (!report.done) {
    asked.found.push_back(found(fault::ended_process, "it " + plugin::describe_end(ending.wait_status) +
                                                          at_step(report) + quote(ending)));
  }
  for (auto& finding : asked.found)
    if (explains_a_crash({finding}) && WIFSIGNALED(ending.wait_status))
      finding.what += at_step(report).insert(0, report.step.empty() ? "" : ",");
  asked.outcome = asked.found.empty() ? verdict::passed : verdict::faulty;
  return asked;
}

std::vector<std::string> invented_options(const config::description& plugin,
                                          const config::option_values& given) {
  std::vector<std::string> names;
  for (const auto& option : plugin.options)
    if (option.required && !given.contains(option.name)) names.push_back(option.name);
  return names;
}

plugin::load_result<report> verify_plugin(const std::filesystem::path& file, const options& how,
                                          const std::function<void(const check_result&)>& progress) {
  const auto source = plugin::open_plugin_file(file);
  if (!source) return source.error();
  // In memory, so that changes of the file meanwhile do not matter.
  const auto copy = plugin::staged_file::copy(source->get(), {}, file.stem().string(), file.string());
  if (!copy) return copy.error();
  return sequence(file, how, progress, **copy).run();
}

}  // namespace scanhost::verify
