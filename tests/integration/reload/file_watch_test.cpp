// SPDX-License-Identifier: Apache-2.0
//
// Watching real files. Mostly with an hour between comparisons, so that what is noticed came from the kernel.
#include "reload/file_watch.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "support/files.hpp"

namespace scanhost::reload {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct file_watch_of_a_folder : testing::Test {
  test_support::temporary_folder root;
  fs::path plugins = root / "plugins";
  fs::path yaml = root / "scanhost.yaml";
  boost::asio::io_context context{1};
  std::unique_ptr<file_watch> watch;
  std::vector<std::set<fs::path>> reports;
  std::vector<std::string> warnings;

  file_watch_of_a_folder() { fs::create_directory(plugins); }

  void start(base::milliseconds compare_every = 1h) {
    watch = std::move(file_watch::start(context, {{plugins}, {yaml}},
                                        {[this](const auto& changed) { reports.push_back(changed); },
                                         [this](const auto& text) { warnings.push_back(text); }},
                                        compare_every))
                .value();
  }

  // Runs until the condition holds; false: it took too long.
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = base::steady::now() + 30s;
    while (!done() && base::steady::now() < deadline) context.run_one_until(deadline);
    return done();
  }

  bool run_until_reported(std::size_t count = 1) {
    return run_until([&] { return reports.size() >= count; });
  }

  // Touches a file that is used for nothing else: its report shows that everything before it was seen.
  // Everything that was reported before the mark, without the mark.
  std::set<fs::path> all_until_marked() {
    const auto mark = plugins / "zz_mark.so";
    test_support::write(mark, "mark");
    EXPECT_TRUE(run_until([&] { return !reports.empty() && reports.back().contains(mark); }));
    std::set<fs::path> changed_files;
    for (auto& report : reports) changed_files.merge(report);
    changed_files.erase(mark);
    return changed_files;
  }
};

TEST_F(file_watch_of_a_folder, reports_a_file_that_is_written) {
  start();
  test_support::write(plugins / "a.so", "one");
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports, ElementsAre(ElementsAre(plugins / "a.so")));
}

TEST_F(file_watch_of_a_folder, says_nothing_of_what_was_there_before_and_of_other_files) {
  test_support::write(plugins / "a.so", "one");
  test_support::write(yaml, "scanners:");
  start();
  test_support::write(plugins / "a.txt", "one");
  test_support::write(plugins / "a.so.new", "one");
  test_support::write(root / "other.yaml", "one");
  EXPECT_THAT(all_until_marked(), IsEmpty());
}

TEST_F(file_watch_of_a_folder, reports_an_atomic_rename_over_a_file) {
  test_support::write(plugins / "a.so", "one");
  start();
  test_support::write(root / "fresh", "two");
  fs::rename(root / "fresh", plugins / "a.so");
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports.front(), ElementsAre(plugins / "a.so"));
}

TEST_F(file_watch_of_a_folder, reports_a_file_rewritten_in_place_when_its_writer_is_done) {
  test_support::write(plugins / "a.so", std::string(5000, 'x'));
  start();
  const int fd = ::open((plugins / "a.so").c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(::write(fd, "0123456789", 10), 10);
    context.run_for(20ms);
  }
  EXPECT_THAT(reports, IsEmpty());
  ::close(fd);
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports.front(), ElementsAre(plugins / "a.so"));
}

TEST_F(file_watch_of_a_folder, ends_with_the_whole_file_when_it_is_written_by_many_writers) {
  start();
  std::uintmax_t reported = 0;
  watch.reset();
  watch =
      std::move(file_watch::start(context, {{plugins}, {}},
                                  {[&](const auto& changed) { reported = fs::file_size(*changed.begin()); },
                                   [](const auto&) {}},
                                  1h))
          .value();
  for (int i = 0; i < 8; ++i) {
    std::ofstream(plugins / "a.so", std::ios::app) << "0123456789";
    context.run_for(30ms);
  }
  EXPECT_TRUE(run_until([&] { return reported == 80; }));
}

TEST_F(file_watch_of_a_folder, reports_a_removed_file) {
  test_support::write(plugins / "a.so", "one");
  start();
  fs::remove(plugins / "a.so");
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports.front(), ElementsAre(plugins / "a.so"));
  EXPECT_FALSE(fs::exists(plugins / "a.so"));
}

TEST_F(file_watch_of_a_folder, reports_a_file_that_comes_back_after_it_was_removed) {
  test_support::write(plugins / "a.so", "one");
  start();
  fs::remove(plugins / "a.so");
  ASSERT_TRUE(run_until_reported());
  test_support::write(plugins / "a.so", "one");
  ASSERT_TRUE(run_until_reported(2));
  EXPECT_THAT(reports.back(), ElementsAre(plugins / "a.so"));
}

TEST_F(file_watch_of_a_folder, reports_a_link_that_is_swapped) {
  test_support::write(root / "a.1", "one");
  test_support::write(root / "a.2", "two");
  fs::create_symlink(root / "a.1", plugins / "a.so");
  start();
  fs::create_symlink(root / "a.2", plugins / "fresh");
  fs::rename(plugins / "fresh", plugins / "a.so");
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports.front(), ElementsAre(plugins / "a.so"));
}

// How a mounted configuration looks in Kubernetes: the file is a link through a link to a folder.
TEST_F(file_watch_of_a_folder, reports_a_file_behind_a_link_to_a_folder_that_is_swapped) {
  fs::create_directory(root / "v1");
  fs::create_directory(root / "v2");
  test_support::write(root / "v1/scanhost.yaml", "one");
  test_support::write(root / "v2/scanhost.yaml", "two");
  fs::create_symlink("v1", root / "data");
  fs::create_symlink("data/scanhost.yaml", yaml);
  start();
  fs::create_symlink("v2", root / "fresh");
  fs::rename(root / "fresh", root / "data");
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports.front(), ElementsAre(yaml));
}

TEST_F(file_watch_of_a_folder, finds_by_comparing_what_a_link_elsewhere_leads_to) {
  fs::create_directory(root / "elsewhere");
  test_support::write(root / "elsewhere/a", "one");
  fs::create_symlink(root / "elsewhere/a", plugins / "a.so");
  start(50ms);
  test_support::write(root / "elsewhere/a", "other");
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports.front(), ElementsAre(plugins / "a.so"));
}

TEST_F(file_watch_of_a_folder, follows_a_link_to_the_folder_that_is_swapped) {
  fs::remove(plugins);
  for (const auto* version : {"v1", "v2"}) {
    fs::create_directory(root / version);
    test_support::write(root / version / "a.so", version);
  }
  fs::create_symlink("v1", plugins);
  start(50ms);
  fs::create_symlink("v2", root / "fresh");
  fs::rename(root / "fresh", plugins);
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports.front(), ElementsAre(plugins / "a.so"));
  test_support::write(plugins / "a.so", "v2 again");
  ASSERT_TRUE(run_until_reported(2));
}

TEST_F(file_watch_of_a_folder, watches_a_folder_again_that_was_removed_and_remade) {
  test_support::write(plugins / "a.so", "one");
  start();
  fs::remove_all(plugins);
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports.front(), ElementsAre(plugins / "a.so"));
  fs::create_directory(plugins);
  test_support::write(plugins / "a.so", "two");
  ASSERT_TRUE(run_until_reported(2));
  EXPECT_THAT(reports.back(), ElementsAre(plugins / "a.so"));
  test_support::write(plugins / "b.so", "three");
  ASSERT_TRUE(run_until_reported(3));
  EXPECT_THAT(reports.back(), ElementsAre(plugins / "b.so"));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(file_watch_of_a_folder, notices_a_folder_that_is_moved_away) {
  test_support::write(plugins / "a.so", "one");
  start();
  fs::rename(plugins, root / "old");
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports.front(), ElementsAre(plugins / "a.so"));
  fs::create_directory(plugins);
  test_support::write(root / "old/a.so", "of no interest");
  EXPECT_THAT(all_until_marked(), ElementsAre(plugins / "a.so"));
}

TEST_F(file_watch_of_a_folder, awaits_one_that_is_not_there_yet) {
  fs::remove(plugins);
  start();
  fs::create_directory(plugins);
  test_support::write(plugins / "a.so", "one");
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports.front(), ElementsAre(plugins / "a.so"));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(file_watch_of_a_folder, makes_few_reports_of_many_events) {
  start();
  for (int i = 0; i < 500; ++i) {
    test_support::write(root / "fresh", std::to_string(i));
    fs::rename(root / "fresh", plugins / ("p" + std::to_string(i % 10) + ".so"));
    context.poll();
  }
  EXPECT_THAT(all_until_marked(), SizeIs(10));
  EXPECT_LT(reports.size(), 50U);
}

TEST_F(file_watch_of_a_folder, looks_again_at_everything_when_notices_were_lost) {
  test_support::write(plugins / "a.so", "one");
  start();
  // More notices than the kernel keeps (fs.inotify.max_queued_events), none of which is read meanwhile.
  std::size_t max_notices = 16'384;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> max_notices;
  // Alternating names, since the kernel drops a notice that equals the one before it.
  for (std::size_t i = 0; i <= max_notices / 2; ++i) {
    ASSERT_EQ(::chmod((plugins / "a.so").c_str(), 0600), 0);
    ASSERT_EQ(::chmod(plugins.c_str(), 0700), 0);
  }
  test_support::write(plugins / "b.so", "two");
  ASSERT_TRUE(run_until([&] { return !reports.empty() && reports.back().contains(plugins / "b.so"); }));
}

TEST_F(file_watch_of_a_folder, reports_the_configuration_that_an_editor_replaced) {
  test_support::write(yaml, "one");
  start();
  fs::rename(yaml, root / "scanhost.yaml~");
  test_support::write(yaml, "two");
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports, ElementsAre(ElementsAre(yaml)));
}

TEST_F(file_watch_of_a_folder, reports_a_file_whose_mode_was_put_right) {
  test_support::write(plugins / "a.so", "one");
  start();
  ASSERT_EQ(::chmod((plugins / "a.so").c_str(), 0600), 0);
  ASSERT_TRUE(run_until_reported());
}

TEST_F(file_watch_of_a_folder, watches_other_folders_when_it_is_told_so) {
  start();
  fs::create_directory(root / "more");
  test_support::write(root / "more/known.so", "one");
  watch->watch({{root / "more/", plugins}, {}});
  test_support::write(root / "more/a.so", "one");
  test_support::write(yaml, "of no interest any more");
  EXPECT_THAT(all_until_marked(), ElementsAre(root / "more/a.so"));
  reports.clear();
  watch->watch({{plugins}, {}});
  test_support::write(root / "more/a.so", "two");
  fs::remove(plugins / "zz_mark.so");
  ASSERT_TRUE(run_until_reported());
  EXPECT_THAT(reports, ElementsAre(ElementsAre(plugins / "zz_mark.so")));
}

TEST_F(file_watch_of_a_folder, may_be_told_of_other_folders_from_within_a_report) {
  watch = std::move(file_watch::start(context, {{plugins}, {}},
                                      {[this](const auto& changed) {
                                         reports.push_back(changed);
                                         watch->watch({{plugins, root.path()}, {}});
                                       },
                                       [](const auto&) {}},
                                      1h))
              .value();
  test_support::write(plugins / "a.so", "one");
  ASSERT_TRUE(run_until_reported());
  test_support::write(root / "b.so", "one");
  ASSERT_TRUE(run_until_reported(2));
}

TEST_F(file_watch_of_a_folder, is_quiet_after_it_is_gone) {
  start();
  test_support::write(plugins / "a.so", "one");
  context.poll();
  watch.reset();
  context.run();
  EXPECT_THAT(reports, IsEmpty());
}

}  // namespace
}  // namespace scanhost::reload
