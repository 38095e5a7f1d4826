// SPDX-License-Identifier: Apache-2.0
#include "plan/room.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "support/files.hpp"

namespace scanhost::plan {
namespace {

using test_support::temporary_folder;

scanner_plan plan_with(const std::filesystem::path& file) {
  scanner_plan plan;
  plan.plugin.file = file;
  return plan;
}

std::string problem(const room& needed, const room& free) {
  const auto compared = compare_room(needed, free, "/var/lib/staging");
  if (compared) return {};
  EXPECT_EQ(compared.error().code, base::errc::os);
  return compared.error().message;
}

TEST(room, is_needed_for_a_copy_and_descriptors_of_each_scanner) {
  const temporary_folder folder;
  const auto file = folder.path() / "a.so";
  std::ofstream(file) << std::string(5000, 'x');
  const auto needed = needed_room({plan_with(file), plan_with(file), plan_with(folder.path() / "gone.so")});
  EXPECT_EQ(needed.staging_bytes, 2 * 8192u);
  EXPECT_EQ(needed.descriptors - needed_room({}).descriptors, 3 * 5u);
}

TEST(room, is_there_up_to_what_is_free) {
  EXPECT_EQ(problem({10, 20}, {10, 20}), "");
  EXPECT_EQ(
      problem({2048, 1}, {2047, 1}),
      "/var/lib/staging: the copies of the plugins that the scanners open need 2.0 KiB, and 2.0 KiB are free; "
      "make room, or set plugins.staging to a folder elsewhere");
  EXPECT_EQ(
      problem({1, 30}, {1, 29}),
      "the scanners need 30 descriptors, and the limit of the process leaves 29; raise it (LimitNOFILE= of the "
      "unit, or ulimit -n), or enable fewer scanners");
}

TEST(room, of_this_machine_is_found) {
  const temporary_folder folder;
  const auto free = free_room(folder.path());
  ASSERT_TRUE(free);
  EXPECT_GT(free->staging_bytes, 0u);
  EXPECT_GT(free->descriptors, 0u);
  EXPECT_THAT(free_room(folder.path() / "gone").error().message, testing::HasSubstr("gone: "));
}

}  // namespace
}  // namespace scanhost::plan
