// SPDX-License-Identifier: Apache-2.0
#include "plugin/probe_child.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <variant>

#include "base/exit_code.hpp"
#include "plugin/child_side.hpp"
#include "plugin/descriptor.hpp"
#include "plugin/instance_settings.hpp"
#include "plugin/probe.hpp"
#include "plugin/probe_host.hpp"
#include "plugin/probe_report.hpp"
#include "plugin/shared_object.hpp"
#include "scanhost/text.hpp"

namespace scanhost::plugin {
namespace {

constexpr std::size_t message_capacity = 1024;

class reporter {
 public:
  template <class Message>
  void say(const Message& message) const {
    out_.say(line_of(message));
  }

 private:
  child_report out_;
};

// How a child has been told to make the probe.
struct probe_task {
  std::string file;
  std::string name;
  bool closes = true;
  std::optional<instance_settings> settings = {};
};

// What `create` ended with.
using create_problem = std::variant<std::monostate, load_error, bad_option>;

create_problem judge_create(scanhost_status status, const scanhost_error& error, const probe_task& task,
                            const base::redaction& secrets) {
  if (status == SCANHOST_OK) return {};
  const auto message = one_line(secrets.apply({error.buffer, std::min(error.size, error.capacity)}));
  if (status == SCANHOST_BAD_OPTIONS) return bad_option{std::string(view(error.option)), message};
  const auto* options = task.settings ? "the options of its scanner" : "its default options";
  return load_error{
      refusal::create_failed,
      fmt::format(
          "{}: its create failed with {} (status {}): {}; correct that, or report it to the plugin's author",
          task.name, options, status, message)};
}

create_problem try_create(const scanhost_plugin& raw, const scanhost_host* host, void** self,
                          const probe_task& task, const base::redaction& secrets) {
  std::array<char, message_capacity> buffer{};
  scanhost_error error{buffer.data(), buffer.size(), 0, {}};
  try {
    const auto status = raw.create(host, self, &error);
    return judge_create(status, error, task, secrets);
  } catch (const std::exception& thrown) {
    return load_error{
        refusal::create_threw,
        fmt::format(
            "{}: its create threw: {}; let no exception out of a plugin, return SCANHOST_FAILED instead",
            task.name, one_line(secrets.apply(thrown.what())))};
  } catch (...) {
    return load_error{
        refusal::create_threw,
        fmt::format(
            "{}: its create threw something that is not a std::exception; let no exception leave the plugin, return SCANHOST_FAILED instead",
            task.name)};
  }
}

// Without settings, a plugin with a required option cannot be created.
bool can_create(const checked_descriptor& plugin, const probe_task& task) {
  const auto& options = plugin.description.options;
  return task.settings || std::ranges::none_of(options, &config::option::required);
}

std::optional<load_error> try_instance(const checked_descriptor& plugin, const reporter& out,
                                       const probe_task& task) {
  const auto settings = task.settings ? *task.settings : default_settings(plugin.description);
  const auto secrets = redaction_of(plugin.description, settings);
  probe_host host(plugin.description, settings, task.name);
  void* self = nullptr;
  out.say(probe_step::create);
  const auto problem = try_create(plugin.raw, host.table(), &self, task, secrets);
  if (const auto* refused = std::get_if<load_error>(&problem)) return *refused;
  if (const auto* refused = std::get_if<bad_option>(&problem)) {
    out.say(*refused);
    return {};
  }
  out.say(probe_step::destroy);
  plugin.raw.destroy(self);
  if (host.broken_rules().empty()) return {};
  return load_error{
      refusal::create_failed,
      fmt::format("{}: its create or destroy calls `{}`, which belongs to a scan; move that into scan",
                  task.name, host.broken_rules().front())};
}

void run_steps(const probe_task& task, const reporter& out) {
  out.say(probe_step::open);
  auto object = shared_object::open(task.file, task.name);
  if (!object) return out.say(object.error());
  out.say(probe_step::entry);
  const auto* given = (*object)->entry()();
  out.say(probe_step::describe);
  const auto plugin = read_descriptor(given, task.name);
  if (!plugin) return out.say(plugin.error());
  if (can_create(*plugin, task))
    if (const auto problem = try_instance(*plugin, out, task)) return out.say(*problem);
  if (task.closes) {
    out.say(probe_step::close);
    object->reset();
  } else {
    static_cast<void>(object->release());
  }
  out.say(plugin->description);
  out.say(probe_step::done);
}

// Nothing: they are not the arguments of a probe.
std::optional<probe_task> read_task(int argc, char** argv) {
  if (argc < 3 || argc > 6) return {};
  probe_task task{argv[2], argc > 3 ? argv[3] : argv[2]};
  for (int i = 4; i < argc; ++i) {
    if (argv[i] == stay_open) {
      task.closes = false;
    } else if (argv[i] == with_settings) {
      task.settings = decode(read_input());
      if (!task.settings) return {};
    } else {
      return {};
    }
  }
  return task;
}

}  // namespace

int run_probe(int argc, char** argv) {
  const auto task = read_task(argc, argv);
  if (!task) {
    std::fprintf(stderr, "usage: scanhost --probe FILE [NAME [%s] [%s]]\n", stay_open.data(),
                 with_settings.data());
    return static_cast<int>(base::exit_code::usage);
  }
  bind_to_parent();
  const reporter out;
  run_steps(*task, out);
  // Without exit handlers: a refused plugin may have left some that are not worth running.
  std::fflush(nullptr);
  ::_exit(static_cast<int>(base::exit_code::ok));
}

}  // namespace scanhost::plugin
