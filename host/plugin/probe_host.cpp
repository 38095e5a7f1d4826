// SPDX-License-Identifier: Apache-2.0
#include "plugin/probe_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace scanhost::plugin {
namespace {

constexpr std::size_t max_broken_rules = 16;

}  // namespace

probe_host::probe_host(const config::description& description, instance_settings settings, std::string path)
    : description_(description), settings_(std::move(settings)), path_(std::move(path)) {}

std::uint32_t probe_host::partition_count(std::string_view family) {
  const auto found = std::ranges::find(description_.families, family, &config::family::name);
  if (found == description_.families.end()) return 0;
  if (found->listed()) return 0;  // before its first cycle
  return found->counted() ? found->default_count : 1;
}

const detail::option_value* probe_host::option(std::string_view name) {
  const auto found = settings_.values.find(name);
  return found == settings_.values.end() ? nullptr : &found->second;
}

template <class Answer>
Answer probe_host::broken(const char* service, Answer answer) {
  if (broken_rules_.size() < max_broken_rules) broken_rules_.emplace_back(service);
  return answer;
}

scanhost_status probe_host::outside_scan(const char* service) {
  return invalid(fmt::format("{}: there is no scan under way: a probe only creates and destroys an instance",
                             broken(service, service)));
}

const scanhost_script* probe_host::script(std::string_view source) {
  if (source.empty()) return null_because("script: the source is empty");
  return reinterpret_cast<const scanhost_script*>(this);
}

std::int64_t probe_host::now_ms(scanhost_scan*) { return broken("now_ms", std::int64_t{0}); }

std::int64_t probe_host::route_now_ms(scanhost_scan*, std::string_view) {
  return broken("route_now_ms", std::int64_t{0});
}

void probe_host::set_scan_data(scanhost_scan*, void*) { broken("set_scan_data", 0); }

scanhost_status probe_host::execute(scanhost_scan*, const scanhost_command*, std::size_t, std::size_t,
                                    scanhost_on_replies, void*) {
  return outside_scan("execute");
}

scanhost_status probe_host::next_page(scanhost_scan*, std::uint32_t, std::uint32_t, scanhost_on_turn, void*) {
  return outside_scan("next_page");
}

scanhost_status probe_host::after(scanhost_scan*, std::uint64_t, scanhost_on_time, void*) {
  return outside_scan("after");
}

bool probe_host::cancelled(scanhost_scan*) { return broken("cancelled", true); }
void probe_host::finish(scanhost_scan*, const scanhost_result*) { broken("finish", 0); }
void probe_host::fail(scanhost_scan*, std::string_view) { broken("fail", 0); }

bool probe_host::should_skip(scanhost_scan*, std::string_view) { return broken("should_skip", false); }
void probe_host::failure(scanhost_scan*, std::string_view, std::string_view) { broken("failure", 0); }
void probe_host::success(scanhost_scan*, std::string_view) { broken("success", 0); }

// The handle is opaque: any address will do.
scanhost_metric* probe_host::series(const detail::series_request&) {
  return reinterpret_cast<scanhost_metric*>(this);
}

scanhost_status probe_host::add_member(scanhost_scan*, std::string_view) {
  return outside_scan("the members' add");
}

const scanhost_replies* probe_host::blocking_execute(scanhost_scan*, const scanhost_command*, std::size_t,
                                                     std::size_t) {
  outside_scan("blocking execute");
  return nullptr;
}

std::uint32_t probe_host::blocking_next_page(scanhost_scan*, std::uint32_t, std::uint32_t) {
  return broken("blocking next_page", std::uint32_t{0});
}

void probe_host::pause(scanhost_scan*, std::uint64_t) { broken("pause", 0); }

std::uint64_t probe_host::wake_token(scanhost_scan*) { return broken("wake_token", std::uint64_t{0}); }

scanhost_status probe_host::wait(scanhost_scan*, std::uint64_t, std::uint64_t, scanhost_on_ready, void*) {
  return outside_scan("wait");
}

scanhost_status probe_host::when_ready(scanhost_scan*, std::int32_t, std::uint32_t, std::uint64_t,
                                       scanhost_on_ready, void*) {
  return outside_scan("when_ready");
}

}  // namespace scanhost::plugin
