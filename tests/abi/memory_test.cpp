// SPDX-License-Identifier: Apache-2.0
//
// How much memory a scan holds while it waits. Counts every allocation of this program.
#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

#include "scripted.hpp"

namespace {

std::atomic<std::size_t> live_bytes{0};

void release(void* memory) noexcept {
  live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  live_bytes += malloc_usable_size(memory);
  return memory;
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }

namespace {

using namespace scanhost;
using namespace wrapper_tests;

class memory : public wrapper {
 protected:
  // How much more there is while the scan waits for the replies to a megabyte of commands.
  std::size_t growth_while_waiting() {
    const std::size_t before = live_bytes;
    host.start(0);
    EXPECT_FALSE(host.report(0).finished);
    return live_bytes - before;
  }

  static constexpr std::size_t megabyte = 1'000'000;
};

// One copy is the fake host's.
TEST_F(memory, of_a_batch_does_not_wait_for_the_replies) {
  scripted::script = [](scan_context& scan) -> task<result> {
    batch writes;
    for (int i = 0; i < 100; ++i) writes.add("SET", i, std::string(megabyte / 100, 'x'));
    co_await scan.execute(std::move(writes));
    co_return result{};
  };
  EXPECT_LT(growth_while_waiting(), megabyte + megabyte / 2);
  host.run();
}

TEST_F(memory, of_a_command_does_not_wait_for_the_reply) {
  scripted::script = [](scan_context& scan) -> task<result> {
    command write("SET", "key", std::string(megabyte, 'x'));
    co_await scan.execute(std::move(write));
    co_return result{};
  };
  EXPECT_LT(growth_while_waiting(), megabyte + megabyte / 2);
  host.run();
}

}  // namespace
