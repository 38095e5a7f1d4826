// SPDX-License-Identifier: Apache-2.0
//
// Names of keys.
#include "keys.hpp"

#include <initializer_list>

namespace scanhost::demo {
namespace {

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string whole;
  for (const auto part : parts) {
    if (!whole.empty()) whole += ':';
    whole += part;
  }
  return whole;
}

std::string with_part(std::string whole, std::string_view part) {
  if (!part.empty()) whole.append(":").append(part);
  return whole;
}

}  // namespace

std::string flow_tag(std::uint32_t partition) { return "{fp:" + std::to_string(partition) + "}"; }
std::string budget_tag(std::uint32_t partition) { return "{b:" + std::to_string(partition) + "}"; }
std::string quota_tag(std::uint32_t partition) { return "{q:" + std::to_string(partition) + "}"; }

std::string execution_key(std::string_view tag, std::string_view id, std::string_view part) {
  return joined({"ff:exec", tag, id, part});
}
std::string attempt_key(std::string_view tag, std::string_view id, std::string_view index) {
  return joined({"ff:attempt", tag, id, index});
}
std::string stream_key(std::string_view tag, std::string_view id, std::string_view index) {
  return joined({"ff:stream", tag, id, index});
}
std::string waitpoint_key(std::string_view tag, std::string_view waitpoint) {
  return joined({"ff:wp", tag, waitpoint});
}
std::string signal_key(std::string_view tag, std::string_view signal) {
  return joined({"ff:signal", tag, signal});
}
std::string flow_key(std::string_view tag, std::string_view flow, std::string_view part) {
  return joined({"ff:flow", tag, flow, part});
}
std::string index_key(std::string_view tag, std::string_view name) { return joined({"ff:idx", tag, name}); }
std::string lane_key(std::string_view tag, std::string_view lane, std::string_view name) {
  return joined({"ff:idx", tag, "lane", lane, name});
}
std::string worker_key(std::string_view tag, std::string_view instance) {
  return joined({"ff:idx", tag, "worker", instance, "leases"});
}
std::string budget_key(std::string_view tag, std::string_view budget, std::string_view part) {
  return with_part(joined({"ff:budget", tag, budget}), part);
}
std::string quota_key(std::string_view tag, std::string_view policy, std::string_view part) {
  return with_part(joined({"ff:quota", tag, policy}), part);
}

}  // namespace scanhost::demo
