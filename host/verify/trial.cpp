// SPDX-License-Identifier: Apache-2.0
#include "verify/trial.hpp"

#include <algorithm>
#include <array>
#include <exception>

namespace scanhost::verify {
namespace {

constexpr std::size_t message_capacity = 1024;
constexpr std::uint32_t max_partitions = 4;

std::string named(const open_scan& scan) {
  return scan.where.tag.empty() ? scan.where.family : scan.where.tag;
}

}  // namespace

trial::trial(const plugin::checked_descriptor& plugin, behaviour how, reply_memory& memory, witness& tells)
    : plugin_(plugin), host_(plugin_.description, std::move(how), memory, tells), tells_(tells) {}

template <class Call>
auto trial::inside(watching_host::phase phase, const std::string& step, Call call) {
  tells_.step(step);
  host_.enter(phase);
  try {
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      host_.enter(watching_host::phase::none);
    } else {
      const auto answer = call();
      host_.enter(watching_host::phase::none);
      return answer;
    }
  } catch (const std::exception& thrown) {
    tells_.found(fault::exception, "an exception comes out of it: " + plugin::one_line(thrown.what()));
    tells_.end();
  } catch (...) {
    tells_.found(fault::exception, "something that is no std::exception is thrown out of it");
    tells_.end();
  }
}

void trial::tell_status(scanhost_status status, const char* entry, const scanhost_error& error) {
  if (status == SCANHOST_OK) return;
  const auto message = plugin::one_line({error.buffer, std::min(error.size, message_capacity)});
  const auto mended = std::string(entry) + " answers " + std::to_string(status) + ": " + message;
  tells_.found(plugin::load_error{plugin::refusal::create_failed,
                                  mended + "; let it succeed with the default options, without a store"},
               {});
  tells_.end();
}

void trial::create() {
  std::array<char, message_capacity> buffer{};
  scanhost_error error{buffer.data(), buffer.size(), 0};
  const auto status = inside(watching_host::phase::create, "in its create",
                             [&] { return plugin_.raw.create(host_.table(), &self_, &error); });
  tell_status(status, "create", error);
}

void trial::begin_cycle() {
  ++cycle_;
  if (plugin_.raw.begin_cycle == nullptr) return;
  std::array<char, message_capacity> buffer{};
  scanhost_error error{buffer.data(), buffer.size(), 0};
  const auto status = inside(watching_host::phase::cycle, "in its begin_cycle",
                             [&] { return plugin_.raw.begin_cycle(self_, cycle_, &error); });
  tell_status(status, "begin_cycle", error);
}

void trial::end_cycle() {
  if (plugin_.raw.end_cycle == nullptr) return;
  std::array<char, message_capacity> buffer{};
  scanhost_error error{buffer.data(), buffer.size(), 0};
  const auto status = inside(watching_host::phase::cycle, "in its end_cycle",
                             [&] { return plugin_.raw.end_cycle(self_, &error); });
  tell_status(status, "end_cycle", error);
}

void trial::start(std::uint32_t index, std::uint32_t flags) {
  auto& scan = host_.open(index, flags, std::max<std::uint64_t>(cycle_, 1));
  scan.inside_call = true;
  inside(watching_host::phase::scan, "in its scan of " + named(scan),
         [&] { plugin_.raw.scan(self_, scan.handle(), scan.lent.partition); });
  scan.inside_call = false;
}

bool trial::step() {
  return inside(watching_host::phase::none, "in a callback", [&] { return host_.deliver(); });
}

void trial::run() {
  while (step()) {
  }
  look_for_unfinished();
}

void trial::look_for_unfinished() {
  for (const auto& scan : host_.scans())
    if (!scan->over)
      tells_.found(fault::never_finished,
                   "the scan of " + named(*scan) + " waits for nothing any more and is not finished");
}

void trial::destroy() {
  host_.drop_all();
  inside(watching_host::phase::destroy, "in its destroy", [&] { plugin_.raw.destroy(self_); });
  tells_.step("");
}

void trial::begin_scans(std::uint32_t flags) {
  const auto partitions = std::clamp<std::uint32_t>(host_.partitions(), 1, max_partitions);
  for (std::uint32_t index = 0; index < partitions; ++index) {
    start(index, flags);
    if (plugin_.description.serial) run();  // one at a time
  }
}

void trial::cycle(std::uint32_t flags) {
  const bool early = (flags & SCANHOST_VISIT_EARLY) != 0;
  if (!early) begin_cycle();
  begin_scans(flags);
  run();
  if (!early) end_cycle();
}

}  // namespace scanhost::verify
