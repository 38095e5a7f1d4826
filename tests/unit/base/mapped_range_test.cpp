// SPDX-License-Identifier: Apache-2.0
#include "base/mapped_range.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <memory>

namespace scanhost::base {
namespace {

const int of_this_program = 1;

TEST(mapped_range, of_the_program_holds_its_constants_and_not_those_of_the_c_library) {
  const auto range = find_mapped_range(&of_this_program);
  ASSERT_TRUE(range);
  EXPECT_TRUE(range->contains(reinterpret_cast<std::uintptr_t>(&of_this_program)));
  // A function that no sanitizer has in the program in place of the library's.
  EXPECT_FALSE(
      range->contains(reinterpret_cast<std::uintptr_t>(::dlsym(RTLD_DEFAULT, "gnu_get_libc_version"))));
}

TEST(mapped_range, starts_where_the_dynamic_loader_says_that_the_library_lies) {
  void* in_library = ::dlsym(RTLD_DEFAULT, "abort");
  Dl_info info{};
  ASSERT_NE(::dladdr(in_library, &info), 0);
  EXPECT_EQ(find_mapped_range(in_library)->load_address, reinterpret_cast<std::uintptr_t>(info.dli_fbase));
}

TEST(mapped_range, does_not_exist_for_the_heap) {
  const auto block = std::make_unique<int>(1);
  EXPECT_FALSE(find_mapped_range(block.get()));
}

}  // namespace
}  // namespace scanhost::base
