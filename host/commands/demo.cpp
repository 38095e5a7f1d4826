// SPDX-License-Identifier: Apache-2.0
//
// `scanhost demo`: the demo is a program of its own beside this one; it brings its workload and its checks.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/errno_text.hpp"
#include "commands/output.hpp"
#include "commands/paths.hpp"
#include "commands/requests.hpp"

namespace scanhost::commands {

base::exit_code demo(const std::vector<std::string>& arguments) {
  const auto program = own_program().parent_path() / "scanhost-demo";
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  return report(
      {base::errc::no_input, fmt::format("{}: cannot be started: {}; the demo is installed beside scanhost",
                                         program.string(), base::errno_text(errno))});
}

}  // namespace scanhost::commands
