// SPDX-License-Identifier: Apache-2.0
//
// Configuring, starting, watching and ending the host.
#include "host.hpp"

#include <algorithm>

#include "files.hpp"
#include "interrupt.hpp"
#include "problem.hpp"

namespace scanhost::demo {
namespace {

constexpr std::chrono::seconds install_patience{30};
constexpr std::chrono::seconds start_patience{60};
constexpr std::chrono::seconds stop_patience{15};
constexpr std::size_t shown_lines = 20;

}  // namespace

std::string config_text(const host_settings& settings) {
  std::string text = "store:\n  url: \"unix://" + settings.socket.string() + "\"\n";
  text += "options:\n  lanes: [default, gpu, batch]\n";
  text += "plugins:\n  path: [\"" + settings.plugin_folder.string() + "\"]\n";
  text += "  staging: \"" + (settings.folder / "staging").string() + "\"\n";
  text += "  check_owner: false\n";  // they lie where whoever tries the demo built them
  text += "scanners:\n";
  for (const auto& name : settings.scanners) text += "  " + name + ": {}\n";
  text += "admin:\n  listen: " + (settings.listen ? settings.listen->text() : std::string("none")) + "\n";
  text += "  socket: control.sock\n";  // beside this file
  return text;
}

host::host(host_settings settings)
    : settings_(std::move(settings)),
      config_(settings_.folder / "demo.yaml"),
      log_(settings_.folder / "host.log") {
  write_file(config_, config_text(settings_));
}

void host::install_functions() {
  const auto output = settings_.folder / "functions.log";
  child installing({settings_.program.string(), "functions", "install", "--config", config_.string()},
                   output);
  const auto code = installing.wait(install_patience);
  if (code && *code == 0) return;
  throw problem("scanhost functions install " +
                (code ? "ended with " + std::to_string(*code) : std::string("does not end")) +
                "; it says:\n" + tail_of(output, shown_lines));
}

void host::start() {
  process_ = std::make_unique<child>(
      std::vector<std::string>{settings_.program.string(), "run", "--config", config_.string()}, log_);
  const auto until = std::chrono::steady_clock::now() + start_patience;
  while (!ready()) {
    if (!process_->running())
      throw problem("the host ended with " + std::to_string(process_->wait({}).value_or(-1)) +
                    "; its log says:\n" + log_tail());
    if (std::chrono::steady_clock::now() > until)
      throw problem("the host does not become ready; its log says:\n" + log_tail());
    rest(std::chrono::milliseconds(50));
    if (interrupted()) return;
  }
}

// Without a page there is nothing to ask; the run is long enough for the host to come up meanwhile.
bool host::ready() const {
  if (!settings_.listen) return true;
  const auto answer = get(*settings_.listen, "/readyz");
  return answer && answer->status == 200;
}

std::optional<std::vector<scanner_status>> host::status() const {
  if (!settings_.listen) return std::nullopt;
  const auto answer = get(*settings_.listen, "/status.json");
  if (!answer || answer->status != 200) return std::nullopt;
  return parse_status(answer->body);
}

bool host::stop() {
  if (!process_) return true;
  const auto code = process_->stop(stop_patience);
  return code && *code == 0;
}

std::string host::log_tail() const { return tail_of(log_, shown_lines); }

}  // namespace scanhost::demo
