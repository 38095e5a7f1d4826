// SPDX-License-Identifier: Apache-2.0
//
// The child's side of a check.
#include <fcntl.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "base/exit_code.hpp"
#include "base/unique_fd.hpp"
#include "plugin/child_side.hpp"
#include "plugin/instance_settings.hpp"
#include "verify/check.hpp"
#include "verify/check_input.hpp"
#include "verify/observation.hpp"
#include "verify/verify.hpp"

namespace scanhost::verify {
namespace {

const child_check* find_check(std::string_view name) noexcept {
  if (name == observing_task().name) return &observing_task();
  for (const auto& group : {library_checks(), scan_checks(), acting_checks(), growth_checks()})
    for (const auto& check : group)
      if (check.name == name) return &check;
  return nullptr;
}

int wrong_usage() {
  std::fprintf(stderr, "usage: scanhost --verify CHECK FILE NAME LIMIT_MS\n");
  return static_cast<int>(base::exit_code::usage);
}

}  // namespace

int run_check(int argc, char** argv) {
  if (argc != 6) return wrong_usage();
  const auto* check = find_check(argv[2]);
  std::int64_t limit_ms = 0;
  const auto parsed = std::from_chars(argv[5], argv[5] + std::strlen(argv[5]), limit_ms);
  if (check == nullptr || parsed.ec != std::errc() || limit_ms <= 0) return wrong_usage();
  const base::unique_fd file(::open(argv[3], O_RDONLY | O_CLOEXEC));
  if (!file) return static_cast<int>(base::exit_code::no_input);
  plugin::bind_to_parent();
  witness reports{base::milliseconds(limit_ms)};
  auto input = decode(plugin::read_input()).value_or(check_input());
  child_task task{argv[3], file.get(), argv[4], reports, std::move(input.values), std::move(input.store)};
  check->run(task);
  reports.end();
}

}  // namespace scanhost::verify
