// SPDX-License-Identifier: Apache-2.0
#include "plugin/probe_child.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>

#include "base/exit_code.hpp"
#include "plugin/child_side.hpp"
#include "plugin/descriptor.hpp"
#include "plugin/probe.hpp"
#include "plugin/probe_host.hpp"
#include "plugin/probe_report.hpp"
#include "plugin/shared_object.hpp"

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

std::optional<load_error> try_create(const scanhost_plugin& raw, const scanhost_host* host, void** self,
                                     const std::string& name) {
  std::array<char, message_capacity> buffer{};
  scanhost_error error{buffer.data(), buffer.size(), 0, {}};
  try {
    const auto status = raw.create(host, self, &error);
    if (status == SCANHOST_OK) return {};
    const auto message = one_line({buffer.data(), std::min(error.size, buffer.size())});
    return load_error{refusal::create_failed, name + ": its create failed with its default options (status " +
                                                  std::to_string(status) + "): " + message +
                                                  "; correct that, or report it to the plugin's author"};
  } catch (const std::exception& thrown) {
    return load_error{refusal::create_threw,
                      name + ": its create threw: " + one_line(thrown.what()) +
                          "; let no exception out of a plugin, return SCANHOST_FAILED instead"};
  } catch (...) {
    return load_error{
        refusal::create_threw,
        name +
            ": its create threw something that is not a std::exception; let no exception leave the plugin, return SCANHOST_FAILED instead"};
  }
}

std::optional<load_error> try_instance(const checked_descriptor& plugin, const reporter& out,
                                       const std::string& name) {
  probe_host host(plugin.description);
  void* self = nullptr;
  out.say(probe_step::create);
  if (auto problem = try_create(plugin.raw, host.table(), &self, name)) return problem;
  out.say(probe_step::destroy);
  plugin.raw.destroy(self);
  if (host.broken_rules().empty()) return {};
  return load_error{refusal::create_failed, name + ": its create or destroy calls `" +
                                                host.broken_rules().front() +
                                                "`, which belongs to a scan; move that into scan"};
}

void run_steps(const std::string& file, const std::string& name, bool closes, const reporter& out) {
  out.say(probe_step::open);
  auto object = shared_object::open(file, name);
  if (!object) return out.say(object.error());
  out.say(probe_step::entry);
  const auto* given = (*object)->entry()();
  out.say(probe_step::describe);
  const auto plugin = read_descriptor(given, name);
  if (!plugin) return out.say(plugin.error());
  if (const auto problem = try_instance(*plugin, out, name)) return out.say(*problem);
  if (closes) {
    out.say(probe_step::close);
    object->reset();
  } else {
    static_cast<void>(object->release());
  }
  out.say(plugin->description);
  out.say(probe_step::done);
}

}  // namespace

int run_probe(int argc, char** argv) {
  if (argc < 3 || argc > 5 || (argc == 5 && argv[4] != stay_open)) {
    std::fprintf(stderr, "usage: scanhost --probe FILE [NAME [%s]]\n", stay_open.data());
    return static_cast<int>(base::exit_code::usage);
  }
  bind_to_parent();
  const reporter out;
  run_steps(argv[2], argc > 3 ? argv[3] : argv[2], argc < 5, out);
  // Without exit handlers: a refused plugin may have left some that are not worth running.
  std::fflush(nullptr);
  ::_exit(static_cast<int>(base::exit_code::ok));
}

}  // namespace scanhost::plugin
