// SPDX-License-Identifier: Apache-2.0
//
// What is kept of a host that crashed, and how long.
#include "plugin/crashed_copies.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "plugin/staging.hpp"
#include "unit/plugin/plugin_files.hpp"

namespace scanhost::plugin {
namespace {

namespace fs = std::filesystem;
using test::temporary_folder;

// A dead host's folder, whose crash was `age` seconds ago.
fs::path crashed_host(const temporary_folder& place, const std::string& name, const std::string& hash,
                      int age = 0) {
  const auto folder = place / name;
  fs::create_directory(folder);
  test::write(folder / "sweep.1-aa.so", "code");
  test::write(folder / "other.2-bb.so", "code");
  test::write(crash_marker(folder), hash + " sweep.1-aa.so");
  fs::last_write_time(crash_marker(folder), fs::file_time_type::clock::now() - std::chrono::seconds(age));
  return folder;
}

TEST(crashed_copies, outlive_the_clean_up_at_the_next_start_and_nothing_else_does) {
  const temporary_folder place;
  const auto crashed = crashed_host(place, "host-1-a", "aaaa");
  fs::create_directory(place / "host-2-b");
  test::write(place / "host-2-b" / "sweep.1-aa.so", "code");
  remove_leftovers(place.path());
  EXPECT_EQ(find_crashed_copy(place.path(), "aaaa"), crashed / "sweep.1-aa.so");
  EXPECT_FALSE(fs::exists(crashed / "other.2-bb.so"));
  EXPECT_FALSE(fs::exists(place / "host-2-b"));
}

TEST(crashed_copies, are_kept_once_for_a_build_the_newest_first) {
  const temporary_folder place;
  crashed_host(place, "host-1-a", "aaaa", 20);
  const auto newer = crashed_host(place, "host-2-b", "aaaa", 10);
  remove_leftovers(place.path());
  EXPECT_FALSE(fs::exists(place / "host-1-a"));
  EXPECT_EQ(find_crashed_copy(place.path(), "aaaa"), newer / "sweep.1-aa.so");
}

TEST(crashed_copies, are_limited_in_number) {
  const temporary_folder place;
  for (int i = 0; i < 10; ++i)
    crashed_host(place, "host-" + std::to_string(i) + "-a", std::string(4, static_cast<char>('a' + i)), i);
  remove_leftovers(place.path());
  EXPECT_NE(find_crashed_copy(place.path(), "aaaa"), fs::path());
  EXPECT_EQ(find_crashed_copy(place.path(), "jjjj"), fs::path());
  EXPECT_EQ(std::distance(fs::directory_iterator(place.path()), fs::directory_iterator()),
            static_cast<std::ptrdiff_t>(max_crashed_copies));
}

TEST(crashed_copies, go_when_their_build_is_released) {
  const temporary_folder place;
  crashed_host(place, "host-1-a", "aaaa");
  crashed_host(place, "host-2-b", "bbbb");
  remove_crashed_copies(place.path(), "aaaa");
  EXPECT_FALSE(fs::exists(place / "host-1-a"));
  EXPECT_NE(find_crashed_copy(place.path(), "bbbb"), fs::path());
}

TEST(crashed_copies, do_not_follow_a_marker_out_of_the_folder) {
  const temporary_folder place;
  test::write(place / "outside.so", "code");
  const auto folder = crashed_host(place, "host-1-a", "aaaa");
  test::write(crash_marker(folder), "aaaa ../outside.so");
  remove_leftovers(place.path());
  EXPECT_TRUE(fs::exists(place / "outside.so"));
  EXPECT_FALSE(fs::exists(folder));
}

}  // namespace
}  // namespace scanhost::plugin
