// SPDX-License-Identifier: Apache-2.0
#include "verify/fault.hpp"

#include <gmock/gmock.h>

#include <set>

namespace scanhost::verify {
namespace {

TEST(faults, have_names_of_their_own_and_all_say_how_to_fix_them) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(fault::no_child); ++i) {
    const auto kind = static_cast<fault>(i);
    EXPECT_TRUE(names.insert(to_text(kind)).second) << to_text(kind);
    EXPECT_GT(fix(kind).size(), 20U) << to_text(kind);
  }
}

TEST(faults, keep_name_and_text_together) {
  EXPECT_EQ(to_text(fault::exported_symbols), "exported_symbols");
  EXPECT_EQ(to_text(fault::finished_twice), "finished_twice");
  EXPECT_EQ(to_text(fault::growth), "growth");
  EXPECT_EQ(to_text(fault::no_child), "no_child");
}

TEST(faults, take_what_was_seen_and_what_to_do_from_a_refusal_of_the_loader) {
  const plugin::load_error refused{plugin::refusal::wrong_major,
                                   "a.so: is built for 2; it says so; build it for 1"};
  const auto actual_finding = found(refused, "a.so");
  EXPECT_EQ(actual_finding, (finding{"wrong_major", "is built for 2; it says so", "build it for 1"}));
}

}  // namespace
}  // namespace scanhost::verify
