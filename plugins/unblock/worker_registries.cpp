// SPDX-License-Identifier: Apache-2.0
#include "unblock/worker_registries.hpp"

#include <charconv>
#include <string_view>

#include "common/keys.hpp"
#include "common/tally.hpp"

namespace ff {
namespace {

constexpr std::string_view library = "flowfabric";
constexpr std::string_view registering_function = "ff_register_worker";
constexpr unsigned first_namespaced_library = 32;

// A part of the reply that names and values alternate in: "functions", [...].
scanhost::reply value_of(const scanhost::reply& pairs, std::string_view name) {
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2)
    if (pairs[i].text() == name) return pairs[i + 1];
  return {};
}

bool has_function(const scanhost::reply& libraries, std::string_view name) {
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    const auto functions = value_of(libraries[i], "functions");
    for (std::size_t k = 0; k < functions.size(); ++k)
      if (value_of(functions[k], "name").text() == name) return true;
  }
  return false;
}

unsigned leading_number(std::string_view text) {
  unsigned number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The names of the functions are the sturdier evidence; who may not list them still learns the version.
scanhost::task<worker_registries> ask_server(scanhost::scan_context& scan) {
  scanhost::batch questions;
  questions.add("FCALL", "ff_version", 0);
  questions.add("FUNCTION", "LIST", "LIBRARYNAME", library);
  const auto answers = co_await scan.execute(std::move(questions));
  const auto version = answers[0], functions = answers[1];
  worker_registries found;
  found.cancelled = version.cancelled() || functions.cancelled();
  if (version.ok() && version.reply().text().find("-scanhost.") != std::string_view::npos) {
    found.global = found.namespaced = true;
  } else if (functions.ok()) {
    found.namespaced = has_function(functions.reply(), registering_function);
    found.global = !found.namespaced;
  } else if (version.ok() || (version.error_reply() && functions.error_reply())) {
    found.namespaced = leading_number(version.reply().text()) >= first_namespaced_library;
    found.global = !found.namespaced;
  } else {
    found.problem = joined("asking for the version of the function library: ", printable(version.message()));
  }
  co_return found;
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

registry_choice::registry_choice(const std::string& text) : automatic_(text == "auto") {
  fixed_.global = text == "global" || text == "both";
  fixed_.namespaced = text == "namespaced" || text == "both";
}

scanhost::task<const worker_registries*> registry_choice::get(scanhost::scan_context& scan) {
  if (!automatic_) co_return &fixed_;
  co_return co_await found_.get(scan, ask_server);
}

}  // namespace ff
