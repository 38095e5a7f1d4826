// SPDX-License-Identifier: Apache-2.0
//
// scanhost-demo: shows the host at work on a workload of its own, and checks what it did.
#include <exception>
#include <iostream>

#include "demo.hpp"
#include "interrupt.hpp"

namespace {

constexpr int failed = 1;
constexpr int interrupted_by_user = 130;

int run(int argc, char** argv) {
  using namespace scanhost::demo;
  const auto parsed = parse_options(argc, argv);
  if (parsed.exit) return *parsed.exit;
  watch_for_interrupts();
  try {
    const auto result = run_demo(parsed.requested);
    std::cout << (parsed.requested.json ? json_of(result) + "\n" : summary_of(result)) << std::flush;
    return exit_code_of(result);
  } catch (const std::exception& reason) {
    if (interrupted()) return interrupted_by_user;
    std::cerr << "scanhost demo: " << reason.what() << std::endl;
    return failed;
  }
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
