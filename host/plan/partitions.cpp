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

}  // namespace

std::optional<configured_count> find_configured(const config::family& family,
                                                const config::scanner_settings& scanner,
                                                const config::partition_counts& by_name) {
  if (const auto own = scanner.partitions.find(family.name); own != scanner.partitions.end())
    return configured_count{own->second, fmt::format("scanners.{}.partitions", scanner.name)};
  if (const auto shared = by_name.find(family.name); shared != by_name.end())
    return configured_count{shared->second, "partitions." + family.name};
  return std::nullopt;
}

base::result<std::uint32_t> decide_count(const config::family& family,
                                         const std::optional<configured_count>& configured,
                                         const std::optional<std::string>& stored) {
  const auto in_store = stored ? parse_count(*stored) : std::nullopt;
  if (configured && in_store && configured->count != *in_store)
    return base::fail(
        base::errc::config,
        fmt::format(
            "{}: the configuration says {}, the store says {} ({} {}); the count is fixed for the life of the data: remove it from the configuration, or connect to the right store",
            configured->path, configured->count, *in_store, family.count_key, family.count_field));
  if (configured) return configured->count;
  return in_store.value_or(family.default_count);
}

base::result<config::partition_counts> partition_counter::count(const config::scanner_settings& scanner,
                                                                const config::description& plugin) {
  config::partition_counts counts;
  for (const auto& family : plugin.families) {
    if (!family.counted()) continue;
    const auto stored = read_field(family);
    if (!stored) return stored.error();
    const auto count = decide_count(family, find_configured(family, scanner, by_name_), *stored);
    if (!count) return count.error();
    counts.emplace(family.name, *count);
  }
  return counts;
}

base::result<std::optional<std::string>> partition_counter::read_field(const config::family& family) {
  if (family.count_key.empty()) return std::optional<std::string>();
  const std::pair place{family.count_key, family.count_field};
  if (const auto known = fields_.find(place); known != fields_.end()) return known->second;
  auto answer = store_.call({"HGET", family.count_key, family.count_field});
  if (!answer)
    return base::fail(answer.error().code,
                      fmt::format("cannot read how many partitions the family '{}' has: {}", family.name,
                                  answer.error().message));
  const auto& reply = store::reply_of(**answer);
  auto& field = fields_[place];
  if (reply.kind != SCANHOST_REPLY_NIL) field.emplace(reply.text.data, reply.text.size);
  return field;
}

}  // namespace scanhost::plan
