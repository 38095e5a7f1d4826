// SPDX-License-Identifier: Apache-2.0
//
// What a crash leaves behind, and who reads it.
#include "runner/crash/crash_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "support/files.hpp"

namespace scanhost::runner {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const std::string build_hash(64, 'a');

crash_place::place in_scan() {
  crash_place::set("lease_expiry@acme", 7, build_hash);
  const crash_place::in_entry scan("scan");
  auto place = crash_place::current();
  crash_place::clear();
  return place;
}

constexpr base::mapped_range host{0x1000, 0x2000, 0x1000};

std::string line(const crash_place::place& place, int signal, std::uintptr_t address = 0,
                 std::uintptr_t code = 0) {
  std::array<char, 512> room{};
  return std::string(write_crash_line(room, place, {signal, reinterpret_cast<void*>(address), code}, host));
}

TEST(crash_line, tells_the_whole_place) {
  EXPECT_EQ(line(in_scan(), SIGSEGV, 0x1f), "scanner=lease_expiry@acme generation=7 sha256=" + build_hash +
                                                " entry=scan signal=SIGSEGV address=0x1f code= copy=\n");
}

TEST(crash_line, says_where_the_code_lies_in_its_file) {
  auto place = in_scan();
  place.library = {0x7000, 0x8000, 0x7000};
  EXPECT_THAT(line(place, SIGSEGV, 0, 0x71b9), testing::HasSubstr(" code=plugin+0x1b9 "));
  EXPECT_THAT(line(place, SIGSEGV, 0, 0x1040), testing::HasSubstr(" code=host+0x40 "));
  EXPECT_THAT(line(place, SIGSEGV, 0, 0x9000), testing::HasSubstr(" code=0x9000 "));
}

TEST(crash_line, is_read_together_with_the_trace) {
  auto place = in_scan();
  place.library = {0x7000, 0x8000, 0x7000};
  const std::array<void*, 2> frames{reinterpret_cast<void*>(0x7010), reinterpret_cast<void*>(0x1020)};
  std::array<char, 512> room{};
  const auto trace = std::string(write_trace_line(room, place, frames, host));
  const auto read = parse_crash_lines(line(place, SIGSEGV, 0, 0x7010) + trace);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->code, "plugin+0x10");
  EXPECT_EQ(read->trace, "plugin+0x10,host+0x20");
}

TEST(crash_line, of_an_older_host_is_read) {
  const auto read =
      parse_crash_lines("scanner=a generation=1 sha256= entry=scan signal=SIGSEGV address=0x0\n");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->code + read->copy + read->trace, "");
}

TEST(crash_line, is_read_as_it_was_written) {
  const auto read = parse_crash_lines(line(in_scan(), SIGABRT));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->scanner, "lease_expiry@acme");
  EXPECT_EQ(read->generation, 7U);
  EXPECT_EQ(read->sha256, build_hash);
  EXPECT_EQ(read->entry, "scan");
  EXPECT_EQ(read->signal, "SIGABRT");
  EXPECT_EQ(read->address, "");
}

TEST(crash_line, is_read_for_a_thread_that_ran_no_scanner) {
  const auto read = parse_crash_lines(line({}, SIGBUS));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->scanner + read->sha256 + read->entry, "");
  EXPECT_EQ(read->address, "0x0");
}

TEST(crash_line, stays_within_its_room) {
  std::array<char, 20> room{};
  EXPECT_EQ(write_crash_line(room, in_scan(), {SIGSEGV, nullptr, 0}, host), "scanner=lease_expiry");
}

TEST(crash_line, is_not_taken_for_one_when_it_is_something_else) {
  EXPECT_FALSE(parse_crash_lines(""));
  EXPECT_FALSE(parse_crash_lines("scanner=a generation=1"));
  EXPECT_FALSE(parse_crash_lines("scanner=a generation=x sha256= entry= signal=SIGSEGV address=0x0\n"));
  EXPECT_FALSE(parse_crash_lines("hello"));
}

// Such a record ended every host that found it.
TEST(crash_line, is_not_taken_for_one_when_any_of_its_values_is_missing) {
  const std::vector<std::string> values{"scanner=a",  "generation=1",   "sha256=ab",
                                        "entry=scan", "signal=SIGSEGV", "address=0x0"};
  for (const auto& missing : values) {
    std::string text;
    for (const auto& value : values)
      if (value != missing) text += value + " ";
    EXPECT_FALSE(parse_crash_lines(text)) << text;
  }
}

// A host that writes its line and dies without a clean end.
void crash_in(const std::filesystem::path& place, const std::string& text) {
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto record = crash_record::open(place);
    const bool written =
        record && ::write(record->fd(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::_exit(written ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
}

std::size_t records_in(const std::filesystem::path& place) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(place))
    if (entry.path().filename().string().starts_with("crash-")) ++count;
  return count;
}

TEST(crash_record, of_a_dead_host_is_collected_once) {
  const test_support::temporary_folder place;
  crash_in(place.path(), line(in_scan(), SIGSEGV));
  const auto found = collect_crashes(place.path()).value();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().scanner, "lease_expiry@acme");
  EXPECT_EQ(records_in(place.path()), 0U);
  EXPECT_THAT(collect_crashes(place.path()).value(), IsEmpty());
}

TEST(crash_record, of_a_living_host_is_left_alone) {
  const test_support::temporary_folder place;
  const auto record = crash_record::open(place.path());
  ASSERT_TRUE(record);
  EXPECT_THAT(collect_crashes(place.path()).value(), IsEmpty());
  EXPECT_EQ(records_in(place.path()), 1U);
}

TEST(crash_record, goes_at_a_clean_end) {
  const test_support::temporary_folder place;
  { const auto record = crash_record::open(place.path()); }
  EXPECT_EQ(records_in(place.path()), 0U);
}

TEST(crash_record, of_a_host_that_was_killed_is_no_crash_and_goes) {
  const test_support::temporary_folder place;
  crash_in(place.path(), "");
  EXPECT_THAT(collect_crashes(place.path()).value(), IsEmpty());
  EXPECT_EQ(records_in(place.path()), 0U);
}

TEST(crash_record, comes_in_the_order_of_the_crashes) {
  const test_support::temporary_folder place;
  for (int i = 0; i < 5; ++i) {
    auto where = in_scan();
    where.generation = static_cast<std::uint64_t>(i);
    crash_in(place.path(), line(where, SIGSEGV));
    // Coarse clocks of file systems: tell the order by times that differ.
    for (const auto& entry : std::filesystem::directory_iterator(place.path()))
      if (entry.path().extension() == ".txt")
        std::filesystem::last_write_time(entry, entry.last_write_time() - std::chrono::seconds(1));
  }
  const auto found = collect_crashes(place.path()).value();
  ASSERT_THAT(found, SizeIs(5));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(found[i].generation, i);
}

TEST(crash_record, says_what_to_do_when_the_place_is_gone) {
  EXPECT_THAT(crash_record::open("/nonexistent/place").error().message,
              testing::HasSubstr("plugins.staging"));
}

}  // namespace
}  // namespace scanhost::runner
