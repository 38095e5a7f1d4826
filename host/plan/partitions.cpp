// SPDX-License-Identifier: Apache-2.0
#include "plan/partitions.hpp"

#include <fmt/format.h>

#include <charconv>

namespace scanhost::plan {
namespace {

std::optional<std::uint32_t> parse_count(const std::string& text) {
  const auto begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto* end = text.data() + text.size();
  std::uint32_t count = 0;
  const auto parsed = std::from_chars(begin, end, count);
  if (parsed.ec != std::errc() || parsed.ptr != end || count == 0 || count > config::max_partitions)
    return std::nullopt;
  return count;
}

base::result<std::optional<std::string>> read_field(store::session& store, const config::family& family) {
  if (family.count_key.empty()) return std::optional<std::string>();
  auto answer = store.call({"HGET", family.count_key, family.count_field});
  if (!answer)
    return base::fail(answer.error().code,
                      fmt::format("cannot read how many partitions the family '{}' has: {}", family.name,
                                  answer.error().message));
  const auto& reply = store::reply_of(**answer);
  if (reply.kind == SCANHOST_REPLY_NIL) return std::optional<std::string>();
  return std::optional<std::string>(std::string(reply.text.data, reply.text.size));
}

}  // namespace

base::result<std::uint32_t> decide_count(const config::family& family,
                                         std::optional<std::uint32_t> configured,
                                         const std::optional<std::string>& stored) {
  const auto in_store = stored ? parse_count(*stored) : std::nullopt;
  if (configured && in_store && *configured != *in_store)
    return base::fail(
        base::errc::config,
        fmt::format(
            "partitions.{}: the configuration says {}, the store says {} ({} {}); the count is fixed for the life of the data: remove it from the configuration, or connect to the right store",
            family.name, *configured, *in_store, family.count_key, family.count_field));
  if (configured) return *configured;
  return in_store.value_or(family.default_count);
}

base::result<partition_counts> read_partition_counts(store::session& store,
                                                     const std::vector<config::family>& families,
                                                     const partition_counts& configured) {
  partition_counts counts;
  for (const auto& family : families) {
    // `node` and `single` have no pattern: the runner knows how many scans they need.
    if (family.tag_pattern.empty() || counts.contains(family.name)) continue;
    auto stored = read_field(store, family);
    if (!stored) return stored.error();
    const auto count_configured = configured.find(family.name);
    auto count = decide_count(
        family, count_configured == configured.end() ? std::nullopt : std::optional(count_configured->second),
        *stored);
    if (!count) return count.error();
    counts.emplace(family.name, *count);
  }
  return counts;
}

}  // namespace scanhost::plan
