// SPDX-License-Identifier: Apache-2.0
//
// Where copies are kept, what a dead host left there, and folders that cannot be used.
#include "plugin/staging.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <functional>
#include <map>
#include <thread>

#include "base/unique_fd.hpp"
#include "plugin/staged_file.hpp"
#include "plugin/staging.hpp"
#include "unit/plugin/plugin_files.hpp"

namespace scanhost::plugin {
namespace {

using test::temporary_folder;
using testing::HasSubstr;

base::environment variables(std::map<std::string, std::string> set) {
  return [set = std::move(set)](const char* name) -> std::optional<std::string> {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

std::filesystem::path place_with(std::map<std::string, std::string> set, bool root) {
  return default_staging(variables(std::move(set)), root).value();
}

// Runs `body` on a thread of its own that sees an empty file system mounted with noexec at `mount_point`;
// nobody else sees the mount. False: this process may not mount.
bool run_with_noexec_mount(const std::filesystem::path& mount_point, const std::function<void()>& body) {
  bool mounted = false;
  std::thread([&] {
    mounted = ::unshare(CLONE_NEWNS) == 0 &&
              ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
              ::mount("tmpfs", mount_point.c_str(), "tmpfs", MS_NOEXEC, "mode=755") == 0;
    if (mounted) body();
  }).join();
  return mounted;
}

TEST(default_staging, is_the_state_folder_under_systemd) {
  EXPECT_EQ(place_with({{"STATE_DIRECTORY", "/var/lib/one:/var/lib/two"}, {"HOME", "/h"}}, true),
            "/var/lib/one/staging");
}

TEST(default_staging, is_below_var_lib_for_root) {
  EXPECT_EQ(place_with({{"HOME", "/root"}}, true), "/var/lib/scanhost/staging");
}

TEST(default_staging, is_below_the_state_of_another_user) {
  EXPECT_EQ(place_with({{"XDG_STATE_HOME", "/s"}, {"HOME", "/h"}}, false), "/s/scanhost/staging");
  EXPECT_EQ(place_with({{"XDG_STATE_HOME", ""}, {"HOME", "/h"}}, false), "/h/.local/state/scanhost/staging");
}

TEST(default_staging, says_what_to_set_when_there_is_no_home) {
  const auto found = default_staging(variables({}), false);
  ASSERT_TRUE(found.has_error());
  EXPECT_THAT(found.error().message, HasSubstr("set plugins.staging"));
}

TEST(staging, makes_a_folder_of_its_own_and_removes_it_at_the_end) {
  const temporary_folder place;
  std::filesystem::path folder;
  {
    const auto staging = std::move(staging::open(place.path() / "a/b")).value();
    folder = staging->folder();
    struct stat status {};
    ASSERT_EQ(::stat(folder.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
    EXPECT_EQ(folder.parent_path(), place.path() / "a/b");
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(staging, removes_what_a_dead_host_left_and_nothing_of_a_living_one) {
  const temporary_folder place;
  const auto living = std::move(staging::open(place.path())).value();
  const auto dead = place.path() / "host-1-deadbeef";
  std::filesystem::create_directory(dead);
  test::write(dead / "lock", "");
  test::write(dead / "good.1.so", "left behind");
  std::filesystem::create_directory(place.path() / "something_else");
  const auto staging = std::move(staging::open(place.path())).value();
  EXPECT_FALSE(std::filesystem::exists(dead));
  EXPECT_TRUE(std::filesystem::exists(living->folder()));
  EXPECT_TRUE(std::filesystem::exists(place.path() / "something_else"));
}

TEST(staging, refuses_a_place_that_every_user_may_write_to) {
  const temporary_folder place;
  ASSERT_EQ(::chmod(place.path().c_str(), 0777), 0);
  const auto opened = staging::open(place.path());
  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().code, base::errc::no_permission);
  EXPECT_THAT(opened.error().message, HasSubstr("chmod o-w"));
}

TEST(staging, refuses_a_place_that_is_a_file) {
  const temporary_folder place;
  test::write(place.path() / "file", "");
  const auto opened = staging::open(place.path() / "file");
  ASSERT_TRUE(opened.has_error());
  EXPECT_THAT(opened.error().message, HasSubstr("set plugins.staging"));
}

TEST(staging, refuses_a_place_without_execution_and_names_the_mount) {
  const temporary_folder mount_point;
  std::string message;
  const bool mounted = run_with_noexec_mount(mount_point.path(), [&] {
    const auto opened = staging::open(mount_point / "staging");
    if (opened.has_error()) message = opened.error().message;
  });
  if (!mounted) GTEST_SKIP() << "this user may not mount a file system";
  EXPECT_THAT(message, HasSubstr("mounted at " + mount_point.path().string() + " has the option noexec"));
  EXPECT_THAT(message, HasSubstr("without noexec"));
}

TEST(staged_file, is_a_full_copy_with_the_hash_of_its_bytes) {
  const temporary_folder folder;
  test::write(folder.path() / "abc", "abc");
  const auto source = std::move(open_plugin_file(folder.path() / "abc")).value();
  const auto staged = std::move(staged_file::copy(source.get(), folder.path(), "abc", "abc")).value();
  EXPECT_EQ(staged->sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(std::filesystem::hard_link_count(staged->path()), 1U);
  EXPECT_EQ(test::contents(staged->path()), "abc");
}

TEST(staged_file, never_uses_a_name_twice) {
  const temporary_folder folder;
  test::write(folder.path() / "abc", "abc");
  const auto source = std::move(open_plugin_file(folder.path() / "abc")).value();
  std::filesystem::path first;
  { first = std::move(staged_file::copy(source.get(), folder.path(), "abc", "abc")).value()->path(); }
  const auto second = std::move(staged_file::copy(source.get(), folder.path(), "abc", "abc")).value();
  EXPECT_FALSE(std::filesystem::exists(first));
  EXPECT_NE(second->path(), first);
}

TEST(staged_file, says_what_to_do_when_the_folder_is_gone) {
  const temporary_folder folder;
  test::write(folder.path() / "abc", "abc");
  const auto source = std::move(open_plugin_file(folder.path() / "abc")).value();
  const auto copied = staged_file::copy(source.get(), folder.path() / "gone", "abc", "abc.so");
  ASSERT_TRUE(copied.has_error());
  EXPECT_EQ(copied.error().reason, refusal::staging_failed);
  EXPECT_THAT(copied.error().message, HasSubstr("check plugins.staging"));
}

}  // namespace
}  // namespace scanhost::plugin
