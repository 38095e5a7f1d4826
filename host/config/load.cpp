// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "base/errno_text.hpp"
#include "config/fields.hpp"
#include "config/quantity.hpp"
#include "config/resolve.hpp"
#include "config/store_keys.hpp"

namespace scanhost::config {
namespace {

constexpr std::uintmax_t max_file_size = std::uintmax_t{1} << 20;

std::vector<problem> located(const std::string& file, const std::vector<diagnostic>& found) {
  std::vector<problem> problems;
  problems.reserve(found.size());
  for (const auto& diagnostic : found) problems.push_back({file, diagnostic.line, diagnostic.message});
  std::stable_sort(problems.begin(), problems.end(),
                   [](const problem& left, const problem& right) { return left.line < right.line; });
  return problems;
}

}  // namespace

document::document(const std::string& text, std::string file, const std::filesystem::path& folder)
    : file_(std::move(file)), secrets_(folder) {
  const auto root = parse_yaml(text, found_);
  if (root && root->kind == node_kind::map)
    read_sections(*root, folder);
  else if (root && root->kind != node_kind::null)
    found_.problem(root->line, fmt::format("expected a map of keys and values, found {}", name_of(*root)));
  else if (found_.problems.empty())
    found_.problem(1, "the file is empty; it needs at least plugins: and scanners:");
}

void document::read_sections(const node& root, const std::filesystem::path& folder) {
  const fields keys(&root, "", {"store", "partitions", "options", "plugins", "run", "scanners", "admin"},
                    found_);
  const auto map_of = [&](const char* name) { return section(keys.find(name), name, found_); };
  written_.store = read_store(map_of("store"), secrets_, folder, found_);
  written_.partitions = read_partitions(map_of("partitions"), "partitions", found_);
  written_.options = read_options(keys.find("options"), "options", found_);
  written_.plugins = read_plugins(map_of("plugins"), folder, found_);
  written_.run = read_run(map_of("run"), folder, found_);
  written_.scanners = read_scanners(map_of("scanners"), found_);
  written_.admin = read_admin(map_of("admin"), folder, found_);
  const auto* scanners = keys.find("scanners");
  if (scanners == nullptr || scanners->value->kind == node_kind::null)
    found_.warning(scanners == nullptr ? 1 : scanners->line,
                   "there are no scanners; add some under scanners:");
}

std::vector<problem> document::problems() const { return located(file_, found_.problems); }

std::vector<std::string> lines_of(const std::vector<problem>& problems) {
  std::vector<std::string> lines;
  lines.reserve(problems.size());
  for (const auto& problem : problems)
    lines.push_back(fmt::format("{}:{}: {}", problem.file, problem.line, problem.message));
  return lines;
}

std::string to_text(const std::vector<problem>& problems) {
  auto sorted = problems;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const problem& left, const problem& right) { return left.line < right.line; });
  return fmt::format("{}", fmt::join(lines_of(sorted), "\n"));
}

std::vector<problem> document::warnings() const {
  auto found = found_.warnings;
  found.insert(found.end(), resolve_warnings_.begin(), resolve_warnings_.end());
  return located(file_, found);
}

std::vector<std::string> document::wanted_plugins() const {
  std::vector<std::string> names;
  for (const auto& scanner : written_.scanners)
    if (std::find(names.begin(), names.end(), scanner.settings.plugin) == names.end())
      names.push_back(scanner.settings.plugin);
  return names;
}

std::vector<std::string> document::never_unloaded_plugins() const {
  std::vector<std::string> names;
  for (const auto& scanner : written_.scanners)
    if (scanner.settings.unload == unload_policy::never) names.push_back(scanner.settings.plugin);
  return names;
}

boost::system::result<settings, std::vector<problem>> document::resolve(
    const std::map<std::string, description>& tables,
    const std::map<std::string, std::string>& missing) const {
  diagnostics found;
  found.problems = found_.problems;  // the limit holds for both steps together
  auto settings = config::resolve(written_, tables, missing, secrets_, found);
  resolve_warnings_ = found.warnings;
  if (!found.problems.empty()) return located(file_, found.problems);
  return settings;
}

std::optional<std::string> document::plugin_of(const std::string& scanner) const {
  for (const auto& candidate : written_.scanners)
    if (candidate.settings.name == scanner) return candidate.settings.plugin;
  return std::nullopt;
}

boost::system::result<scanner_settings, std::vector<problem>> document::resolve_scanner(
    const std::string& scanner, const description& plugin) const {
  auto alone = written_;
  std::erase_if(alone.scanners,
                [&](const written_scanner& candidate) { return candidate.settings.name != scanner; });
  alone.partitions.clear();  // of families that other scanners may sweep
  diagnostics found;
  found.problems = found_.problems;
  auto resolved = config::resolve(alone, {{plugin.name, plugin}}, {}, secrets_, found);
  if (resolved.scanners.empty() && found.problems.empty())
    found.problem(1, fmt::format("there is no scanner {}", in_quotes(scanner)));
  if (!found.problems.empty()) return located(file_, found.problems);
  return std::move(resolved.scanners.front());
}

problem document::problem_of(const std::string& scanner, const std::string& option,
                             const std::string& message) const {
  const auto found =
      std::find_if(written_.scanners.begin(), written_.scanners.end(),
                   [&](const written_scanner& candidate) { return candidate.settings.name == scanner; });
  const auto at = [&](const node_ptr& options) -> const map_entry* {
    for (const auto* ending : {"", "_file", "_env"})
      if (const auto* entry = options && !option.empty() ? options->find(option + ending) : nullptr)
        return entry;
    return nullptr;
  };
  const bool known = found != written_.scanners.end();
  if (const auto* own = known ? at(found->options) : nullptr)
    return {file_, own->line, fmt::format("scanners.{}.options.{}: {}", scanner, own->key, message)};
  if (const auto* global = at(written_.options))
    return {file_, global->line,
            fmt::format("options.{}, for the scanner {}: {}", global->key, in_quotes(scanner), message)};
  const auto what = option.empty() ? std::string() : fmt::format("option {}: ", in_quotes(option));
  return {file_, known ? found->line : 1, fmt::format("scanner {}: {}{}", in_quotes(scanner), what, message)};
}

base::result<document> load_file(const std::filesystem::path& file) {
  using base::errc;
  const auto name = in_quotes(file.string());
  std::error_code problem;
  if (std::filesystem::is_directory(file, problem))
    return base::fail(errc::no_input, fmt::format("{} is a folder; name the configuration file in it", name));
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    return base::fail(errc::no_input,
                      fmt::format("cannot read the configuration {}: {}", name, base::errno_text(errno)));
  std::string text;
  text.reserve(4096);
  for (std::istreambuf_iterator<char> at(stream), end; at != end && text.size() <= max_file_size; ++at)
    text += *at;
  if (stream.bad())
    return base::fail(errc::no_input,
                      fmt::format("cannot read the configuration {}: {}", name, base::errno_text(errno)));
  if (text.size() > max_file_size)
    return base::fail(errc::data, fmt::format("{} is longer than 1 MiB; is it a configuration file?", name));
  return document(text, file.string(), std::filesystem::absolute(file).parent_path());
}

}  // namespace scanhost::config
