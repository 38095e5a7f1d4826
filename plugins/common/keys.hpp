// SPDX-License-Identifier: Apache-2.0
//
// Names of the engine's keys. A tag is a partition's hash tag, braces included; ids are used as found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ff {

template <class... Parts>
std::string joined(const Parts&... parts) {
  std::string text;
  text.reserve((std::string_view(parts).size() + ...));
  (text.append(std::string_view(parts)), ...);
  return text;
}

inline std::string flow_tag(std::uint32_t partition) { return "{fp:" + std::to_string(partition) + "}"; }
inline std::string budget_tag(std::uint32_t partition) { return "{b:" + std::to_string(partition) + "}"; }
inline std::string quota_tag(std::uint32_t partition) { return "{q:" + std::to_string(partition) + "}"; }

// Keys of one execution: `ff:exec:<tag>:<id>:...` and its attempts and streams.
class execution_keys {
 public:
  execution_keys(std::string_view tag, std::string_view id) : tag_(tag), base_(joined(tag, ":", id)) {}

  std::string core() const { return of("core"); }
  std::string tags() const { return of("tags"); }
  std::string payload() const { return of("payload"); }
  std::string result() const { return of("result"); }
  std::string policy() const { return of("policy"); }
  std::string lease_current() const { return of("lease:current"); }
  std::string lease_history() const { return of("lease:history"); }
  std::string claim_grant() const { return of("claim_grant"); }
  std::string attempts() const { return of("attempts"); }
  std::string suspension() const { return of("suspension:current"); }
  // What a composite condition collected, since library 22.
  std::string satisfied_set() const { return of("suspension:current:satisfied_set"); }
  std::string satisfying_signals() const { return of("suspension:current:satisfied_set:signals"); }
  std::string member_map() const { return of("suspension:current:member_map"); }
  std::string waitpoints() const { return of("waitpoints"); }
  std::string signals() const { return of("signals"); }
  std::string deps_meta() const { return of("deps:meta"); }
  std::string deps_unresolved() const { return of("deps:unresolved"); }
  std::string deps_all_edges() const { return of("deps:all_edges"); }
  std::string dep(std::string_view edge) const { return joined("ff:exec:", base_, ":dep:", edge); }

  std::string attempt(std::string_view index) const { return joined("ff:attempt:", base_, ":", index); }
  std::string stream(std::string_view index) const { return joined("ff:stream:", base_, ":", index); }
  std::string stream_meta(std::string_view index) const {
    return joined("ff:stream:", base_, ":", index, ":meta");
  }

 private:
  std::string of(std::string_view what) const { return joined("ff:exec:", base_, ":", what); }

  std::string tag_;
  std::string base_;
};

// Waitpoints and signals.
inline std::string waitpoint_key(std::string_view tag, std::string_view id) {
  return joined("ff:wp:", tag, ":", id);
}
inline std::string condition_key(std::string_view tag, std::string_view id) {
  return joined("ff:wp:", tag, ":", id, ":condition");
}
inline std::string waitpoint_signals_key(std::string_view tag, std::string_view id) {
  return joined("ff:wp:", tag, ":", id, ":signals");
}
inline std::string signal_key(std::string_view tag, std::string_view id) {
  return joined("ff:signal:", tag, ":", id);
}
inline std::string signal_payload_key(std::string_view tag, std::string_view id) {
  return joined("ff:signal:", tag, ":", id, ":payload");
}

// Indexes of a partition.
inline std::string index_key(std::string_view tag, std::string_view name) {
  return joined("ff:idx:", tag, ":", name);
}
inline std::string lane_key(std::string_view tag, std::string_view lane, std::string_view name) {
  return joined("ff:idx:", tag, ":lane:", lane, ":", name);
}
inline std::string worker_leases_key(std::string_view tag, std::string_view instance) {
  return joined("ff:idx:", tag, ":worker:", instance, ":leases");
}

// The lanes of all servers that ever started, since release 0.6.0; in a slot of its own.
inline constexpr std::string_view lanes_key = "ff:idx:lanes";

// Flows.
class flow_keys {
 public:
  flow_keys(std::string_view tag, std::string_view id) : base_(joined("ff:flow:", tag, ":", id)) {}
  std::string core() const { return joined(base_, ":core"); }
  std::string members() const { return joined(base_, ":members"); }
  std::string summary() const { return joined(base_, ":summary"); }
  std::string events() const { return joined(base_, ":events"); }
  std::string tags() const { return joined(base_, ":tags"); }
  std::string pending_cancels() const { return joined(base_, ":pending_cancels"); }
  std::string member(std::string_view execution) const { return joined(base_, ":member:", execution); }
  std::string edge(std::string_view id) const { return joined(base_, ":edge:", id); }
  // Of the inbound edges of a child.
  std::string edge_group(std::string_view child) const { return joined(base_, ":edgegroup:", child); }
  std::string incoming(std::string_view child) const { return joined(base_, ":in:", child); }
  std::string outgoing(std::string_view upstream) const { return joined(base_, ":out:", upstream); }

 private:
  std::string base_;
};

// Budgets and quotas.
inline std::string budget_key(std::string_view tag, std::string_view id) {
  return joined("ff:budget:", tag, ":", id);
}
inline std::string budget_limits_key(std::string_view tag, std::string_view id) {
  return joined("ff:budget:", tag, ":", id, ":limits");
}
inline std::string budget_usage_key(std::string_view tag, std::string_view id) {
  return joined("ff:budget:", tag, ":", id, ":usage");
}

class quota_keys {
 public:
  quota_keys(std::string_view tag, std::string_view id) : base_(joined("ff:quota:", tag, ":", id)) {}
  std::string definition() const { return base_; }
  std::string window() const { return joined(base_, ":window:requests_per_window"); }
  std::string concurrency() const { return joined(base_, ":concurrency"); }
  std::string admitted_set() const { return joined(base_, ":admitted_set"); }
  std::string guard(std::string_view execution_id) const { return joined(base_, ":admitted:", execution_id); }

 private:
  std::string base_;
};

// Workers: each key in a slot of its own. The global registry, which engines wrote before library 32:
inline constexpr std::string_view workers_key = "ff:idx:workers";
inline std::string worker_caps_key(std::string_view instance) {
  return joined("ff:worker:", instance, ":caps");
}
// and the one of each namespace, since then.
inline std::string workers_key_of(std::string_view space) { return joined("ff:idx:", space, ":workers"); }
inline std::string worker_caps_key_of(std::string_view space, std::string_view instance) {
  return joined("ff:worker:", space, ":", instance, ":caps");
}
inline std::string worker_alive_key_of(std::string_view space, std::string_view instance) {
  return joined("ff:worker:", space, ":", instance, ":alive");
}

}  // namespace ff
