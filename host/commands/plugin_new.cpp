// SPDX-License-Identifier: Apache-2.0
//
// `scanhost plugin new`: a folder to begin with.
#include <fmt/format.h>

#include "commands/output.hpp"
#include "commands/requests.hpp"
#include "scaffold/scaffold.hpp"

namespace scanhost::commands {

base::exit_code new_plugin(const new_plugin_request& request) {
  const auto folder = request.folder.empty() ? std::filesystem::path(request.name) : request.folder;
  const auto files = scaffold::new_plugin(request.name, request.language);
  if (!files) return report(files.error());
  if (auto written = scaffold::write(*files, folder); !written) return report(written.error());
  auto text = fmt::format("{}:\n", folder.string());
  for (const auto& file : *files) text += fmt::format("  {}\n", file.name);
  text += fmt::format(
      "Next:\n  cd {}\n  cmake -S . -B build && cmake --build build\n  ctest --test-dir build --output-on-failure\n"
      "  scanhost plugin verify build/{}.so\n",
      folder.string(), request.name);
  auto printed = print(text);
  return printed ? base::exit_code::ok : report(printed.error());
}

}  // namespace scanhost::commands
