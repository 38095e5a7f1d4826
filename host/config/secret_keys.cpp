// SPDX-License-Identifier: Apache-2.0
#include "config/secret_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/fields.hpp"

namespace scanhost::config {

std::optional<base::secret> secret_keys::read(const node* map, const std::string& path,
                                              const std::string& name, diagnostics& diagnostics) {
  if (map == nullptr) return {};
  const auto *file = map->find(name + "_file"), *variable = map->find(name + "_env");
  if (file != nullptr && variable != nullptr) {
    const auto [first, last] = std::minmax(file->line, variable->line);
    diagnostics.problem(
        last,
        fmt::format(
            "{0}.{1}_file and {0}.{1}_env contradict each other (lines {2} and {3}); remove one of them",
            path, name, first, last));
    return {};
  }
  const auto* entry = file != nullptr ? file : variable;
  if (entry == nullptr) return {};
  const auto key = fmt::format("{}.{}", path, entry->key);
  std::string source;
  if (!read_text(*entry->value, key, source, diagnostics) ||
      !without_nul(*entry->value, key, source, diagnostics))
    return {};
  const auto secret = read_once(file != nullptr, source);
  if (!secret) {
    diagnostics.problem(entry->line, fmt::format("{}: {}", key, secret.error().message));
    return {};
  }
  if (!secret->warning.empty()) diagnostics.warning(entry->line, fmt::format("{}: {}", key, secret->warning));
  return secret->value;
}

std::filesystem::path secret_keys::file_of(const node* map, const std::string& name) const {
  const auto* file = map == nullptr ? nullptr : map->find(name + "_file");
  if (file == nullptr || file->value->kind != node_kind::scalar) return {};
  return below(folder_, file->value->text);
}

base::result<read_secret> secret_keys::read_once(bool from_file, const std::string& source) {
  const std::pair place(from_file, source);
  if (const auto known = known_.find(place); known != known_.end()) return known->second;
  auto secret = from_file ? secret_from_file(below(folder_, source)) : secret_from_environment(source);
  if (secret) known_.emplace(place, *secret);
  return secret;
}

}  // namespace scanhost::config
