// SPDX-License-Identifier: Apache-2.0
//
// Finding a mount in the text of /proc/self/mountinfo.
#include "plugin/mounts.hpp"

#include <gtest/gtest.h>

namespace scanhost::plugin {
namespace {

constexpr auto table =
    "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "40 21 8:2 / /var rw,noexec,nosuid master:2 shared:9 - xfs /dev/sda2 rw\n"
    "41 40 0:44 / /var/lib/with\\040space rw,nodev - tmpfs tmpfs rw,size=4k\n"
    "42 40 8:3 / /var ro,noexec - btrfs /dev/sda3 rw\n";

TEST(mounts, takes_the_longest_mount_point_above_a_path) {
  EXPECT_EQ(find_mount(table, "/usr/lib").value().type, "ext4");
  EXPECT_EQ(find_mount(table, "/variety").value().point, "/");
}

TEST(mounts, takes_the_later_of_two_mounts_at_one_place) {
  const auto found = find_mount(table, "/var/lib/scanhost/staging").value();
  EXPECT_EQ(found.point, "/var");
  EXPECT_EQ(found.type, "btrfs");
  EXPECT_EQ(found.options, "ro,noexec");
}

TEST(mounts, reads_escaped_characters) {
  EXPECT_EQ(find_mount(table, "/var/lib/with space/x").value().type, "tmpfs");
}

TEST(mounts, finds_none_in_a_text_that_is_something_else) {
  EXPECT_FALSE(find_mount("not a table of mounts\n\n", "/").has_value());
}

}  // namespace
}  // namespace scanhost::plugin
