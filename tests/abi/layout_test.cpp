// SPDX-License-Identifier: Apache-2.0
//
// The layout that 1.0 released, in numbers. Built twice: against the SDK's headers and against the
// frozen copy of the headers of 1.0.
#include <gtest/gtest.h>
#include <scanhost/scanhost.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace {

static_assert(sizeof(void*) == 8 && sizeof(long) == 8 && sizeof(std::size_t) == 8,
              "the list is that of LP64");

// Frozen structs keep their size. Growing structs never shrink; in the minor of this list they are equal.
template <class Struct>
constexpr bool is_frozen =
    std::is_same_v<Struct, scanhost_string> || std::is_same_v<Struct, scanhost_error> ||
    std::is_same_v<Struct, scanhost_reply> || std::is_same_v<Struct, scanhost_field>;

TEST(layout, of_1_0_holds_in_these_headers) {
#define SIZE(name, bytes)                                                    \
  static_assert(std::is_standard_layout_v<name> && std::is_trivial_v<name>); \
  EXPECT_GE(sizeof(name), std::size_t{bytes}) << #name;                      \
  if (is_frozen<name> || SCANHOST_ABI_MINOR == 0) {                          \
    EXPECT_EQ(sizeof(name), std::size_t{bytes}) << #name;                    \
  }
#define FIELD(name, field, offset, bytes)                                    \
  EXPECT_EQ(offsetof(name, field), std::size_t{offset}) << #name "." #field; \
  EXPECT_EQ(sizeof(name::field), std::size_t{bytes}) << #name "." #field;
#define VALUE(name, number) EXPECT_EQ(static_cast<int>(name), number) << #name;
#include "layout_1_0.inc"
#undef SIZE
#undef FIELD
#undef VALUE
}

TEST(layout, keeps_the_head_of_the_descriptor) {
  EXPECT_EQ(SCANHOST_ABI_MAJOR, 1);
  EXPECT_EQ(SCANHOST_MAGIC, std::uint64_t{0x74736f686e616373});
  EXPECT_EQ(std::string(SCANHOST_ENTRY_SYMBOL), "scanhost_plugin_entry");
}

TEST(layout, keeps_the_ids_of_the_extensions) {
  EXPECT_EQ(std::string(SCANHOST_EXT_BLOCKING), "scanhost.blocking/1");
  EXPECT_EQ(std::string(SCANHOST_EXT_ENVIRONMENT), "scanhost.environment/1");
  EXPECT_EQ(std::string(SCANHOST_EXT_FAILURES), "scanhost.failures/1");
  EXPECT_EQ(std::string(SCANHOST_EXT_MEMBERS), "scanhost.members/1");
  EXPECT_EQ(std::string(SCANHOST_EXT_METRICS), "scanhost.metrics/1");
  EXPECT_EQ(std::string(SCANHOST_EXT_STATE), "scanhost.state/1");
  EXPECT_EQ(std::string(SCANHOST_EXT_WAITING), "scanhost.waiting/1");
}

// A frozen struct has no size field; a growing struct begins with it (the descriptor has it after its magic).
#define BEGINS_WITH_ITS_SIZE(name)                  \
  static_assert(offsetof(name, struct_size) == 0 && \
                std::is_same_v<decltype(name::struct_size), std::uint32_t>)
BEGINS_WITH_ITS_SIZE(scanhost_blocking);
BEGINS_WITH_ITS_SIZE(scanhost_command);
BEGINS_WITH_ITS_SIZE(scanhost_environment);
BEGINS_WITH_ITS_SIZE(scanhost_failures);
BEGINS_WITH_ITS_SIZE(scanhost_family);
BEGINS_WITH_ITS_SIZE(scanhost_host);
BEGINS_WITH_ITS_SIZE(scanhost_members);
BEGINS_WITH_ITS_SIZE(scanhost_metrics);
BEGINS_WITH_ITS_SIZE(scanhost_option);
BEGINS_WITH_ITS_SIZE(scanhost_outcome);
BEGINS_WITH_ITS_SIZE(scanhost_partition);
BEGINS_WITH_ITS_SIZE(scanhost_replies);
BEGINS_WITH_ITS_SIZE(scanhost_result);
BEGINS_WITH_ITS_SIZE(scanhost_state);
BEGINS_WITH_ITS_SIZE(scanhost_waiting);
static_assert(offsetof(scanhost_plugin, struct_size) == 8);

}  // namespace
