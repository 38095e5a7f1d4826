// SPDX-License-Identifier: Apache-2.0
#include "unblock/worker_registries.hpp"

#include <charconv>
#include <string_view>
#include <utility>

#include "common/keys.hpp"
#include "common/tally.hpp"

namespace ff {
namespace {

constexpr std::string_view registering_function = "ff_register_worker";
constexpr std::string_view version_function = "ff_version";
constexpr unsigned first_namespaced_library = 32;

unsigned leading_number(std::string_view text) {
  unsigned number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

worker_registries by_namespace(bool namespaced) { return {.global = !namespaced, .namespaced = namespaced}; }

// Our own library serves the data of either kind of engine, without the function that registers workers.
worker_registries judge_version(const scanhost::outcome& version) {
  if (!version.ok())
    return {
        .problem = joined("asking for the version of the function library: ", printable(version.message())),
        .cancelled = version.cancelled()};
  const auto text = version.reply().text();
  if (text.find("-scanhost.") != std::string_view::npos) return {.global = true, .namespaced = true};
  return by_namespace(leading_number(text) >= first_namespaced_library);
}

}  // namespace

scanhost::option worker_registry_option() {
  return {
      .name = "worker_registry",
      .type = scanhost::option_type::choice,
      .help =
          "where workers register what they can do: global (engines before 0.14), namespaced, both, or auto: what the function library on the server says",
      .choices = {"auto", "global", "namespaced", "both"}};
}

std::vector<std::string> registry_functions() {
  return {std::string(registering_function), std::string(version_function)};
}

registry_choice::registry_choice(scanhost::services host, const std::string& text)
    : host_(host), automatic_(text == "auto") {
  fixed_.global = text == "global" || text == "both";
  fixed_.namespaced = text == "namespaced" || text == "both";
}

scanhost::task<const worker_registries*> registry_choice::get(scanhost::scan_context& scan) {
  if (!automatic_) co_return &fixed_;
  co_return co_await found_.get(scan, [this](scanhost::scan_context& first) { return ask_library(first); });
}

// The names of the functions are the sturdier evidence; what they leave open the version tells.
scanhost::task<worker_registries> registry_choice::ask_library(scanhost::scan_context& scan) const {
  if (host_.function_available(registering_function)) co_return by_namespace(true);
  if (!host_.function_available(version_function)) co_return by_namespace(false);
  scanhost::batch question;
  question.add("FCALL", version_function, 0);
  const auto answers = co_await scan.execute(std::move(question));
  co_return judge_version(answers[0]);
}

}  // namespace ff
