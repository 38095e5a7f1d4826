// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "base/errno_text.hpp"
#include "config/document_impl.hpp"
#include "config/fields.hpp"
#include "config/quantity.hpp"
#include "config/resolve.hpp"

namespace scanhost::config {
namespace {

constexpr std::uintmax_t max_file_size = std::uintmax_t{1} << 20;

void read_sections(const node& root, const std::filesystem::path& folder, document_impl& to) {
  auto& findings = to.found;
  const fields keys(&root, "", {"store", "partitions", "options", "plugins", "scanners", "admin"}, findings);
  const auto map_of = [&](const char* name) { return section(keys.find(name), name, findings); };
  to.written.store = read_store(map_of("store"), folder, findings);
  to.written.partitions = read_partitions(map_of("partitions"), findings);
  to.written.options = read_options(keys.find("options"), "options", findings);
  to.written.plugins = read_plugins(map_of("plugins"), folder, findings);
  to.written.scanners = read_scanners(map_of("scanners"), findings);
  to.written.admin = read_admin(map_of("admin"), folder, findings);
  const auto* scanners = keys.find("scanners");
  if (scanners == nullptr || scanners->value->what == node::kind::null)
    findings.warning(scanners == nullptr ? 1 : scanners->line,
                     "there are no scanners; name some under scanners:");
}

std::vector<problem> located(const std::string& file, const std::vector<finding>& found) {
  std::vector<problem> problems;
  for (const auto& finding : found) problems.push_back({file, finding.line, finding.message});
  std::stable_sort(problems.begin(), problems.end(),
                   [](const problem& left, const problem& right) { return left.line < right.line; });
  return problems;
}

std::string line_of(const problem& problem) {
  return problem.file + ":" + std::to_string(problem.line) + ": " + problem.message;
}

}  // namespace

class document_reader {
 public:
  static document read(const std::string& text, const std::string& name,
                       const std::filesystem::path& folder) {
    auto impl = std::make_unique<document_impl>();
    impl->file = name;
    const auto root = parse_yaml(text, impl->found);
    if (root && root->what == node::kind::map)
      read_sections(*root, folder, *impl);
    else if (root && root->what != node::kind::null)
      impl->found.problem(root->line, "the file must be a map of keys and values, and is " + name_of(*root));
    else if (impl->found.problems.empty())
      impl->found.problem(1, "the file is empty; it needs at least plugins: and scanners:");
    impl->problems = located(name, impl->found.problems);
    return document(std::move(impl));
  }
};

std::string to_text(const std::vector<problem>& problems) {
  auto sorted = problems;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const problem& left, const problem& right) { return left.line < right.line; });
  std::string text;
  for (const auto& problem : sorted) {
    if (!text.empty()) text += '\n';
    text += line_of(problem);
  }
  return text;
}

document::document(std::unique_ptr<document_impl> impl) noexcept : impl_(std::move(impl)) {}
document::document(document&&) noexcept = default;
document& document::operator=(document&&) noexcept = default;
document::~document() = default;

const std::vector<problem>& document::problems() const noexcept { return impl_->problems; }
const plugin_settings& document::plugins() const noexcept { return impl_->written.plugins; }
const store_settings& document::store() const noexcept { return impl_->written.store; }
const admin_settings& document::admin() const noexcept { return impl_->written.admin; }

std::vector<std::string> document::warnings() const {
  auto found = impl_->found.warnings;
  found.insert(found.end(), impl_->resolve_warnings.begin(), impl_->resolve_warnings.end());
  std::vector<std::string> lines;
  for (const auto& problem : located(impl_->file, found)) lines.push_back(line_of(problem));
  return lines;
}

std::vector<std::string> document::wanted_plugins() const {
  std::vector<std::string> names;
  for (const auto& scanner : impl_->written.scanners)
    if (std::find(names.begin(), names.end(), scanner.settings.plugin) == names.end())
      names.push_back(scanner.settings.plugin);
  return names;
}

std::vector<std::string> document::never_unloaded_plugins() const {
  std::vector<std::string> names;
  for (const auto& scanner : impl_->written.scanners)
    if (scanner.settings.unload == unload_policy::never) names.push_back(scanner.settings.plugin);
  return names;
}

boost::system::result<settings, std::vector<problem>> document::resolve(
    const std::map<std::string, description>& tables,
    const std::map<std::string, std::string>& missing) const {
  findings found;
  auto settings = config::resolve(impl_->written, tables, missing, found);
  impl_->resolve_warnings = found.warnings;
  auto problems = impl_->found.problems;
  problems.insert(problems.end(), found.problems.begin(), found.problems.end());
  if (!problems.empty()) return located(impl_->file, problems);
  return settings;
}

document load_text(const std::string& text, const std::string& name, const std::filesystem::path& folder) {
  return document_reader::read(text, name, folder);
}

base::result<document> load_file(const std::filesystem::path& file) {
  using base::errc;
  const auto name = in_quotes(file.string());
  std::error_code problem;
  if (std::filesystem::is_directory(file, problem))
    return base::fail(errc::no_input, name + " is a folder; name the configuration file in it");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    return base::fail(errc::no_input,
                      "cannot read the configuration " + name + ": " + base::errno_text(errno));
  std::string text;
  text.reserve(4096);
  for (std::istreambuf_iterator<char> at(stream), end; at != end && text.size() <= max_file_size; ++at)
    text += *at;
  if (stream.bad())
    return base::fail(errc::no_input,
                      "cannot read the configuration " + name + ": " + base::errno_text(errno));
  if (text.size() > max_file_size)
    return base::fail(errc::data, name + " is longer than 1 MiB; is it a configuration file?");
  return load_text(text, file.string(), std::filesystem::absolute(file).parent_path());
}

}  // namespace scanhost::config
