// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/function_needs.hpp"

#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

using config::run_condition;
using plan::function_inventory;

const function_inventory nothing{};
const function_inventory everything{{"lib"}, {"f", "g"}};
const function_inventory half{{"lib"}, {"f"}};
const function_inventory elsewhere{{"other"}, {"f", "g"}};

class function_wait_of_a_scanner : public testing::Test {
 protected:
  function_wait_of_a_scanner() {
    plugin_.function_library = "lib";
    plugin_.functions = {"f", "g"};
    plugin_.optional_functions = {"h"};
  }

  // The state after these looks; none: it sweeps.
  std::optional<scanner_state> state_after(run_condition condition,
                                           const std::vector<const function_inventory*>& looks,
                                           bool has_swept = false) {
    function_needs needs(plugin_, condition, has_swept);
    for (const auto* found : looks) needs.update(found);
    text_ = needs.wait() ? needs.wait()->functions : "";
    return needs.wait() ? std::optional(needs.wait()->state) : std::nullopt;
  }

  config::description plugin_;
  std::string text_;
};

TEST_F(function_wait_of_a_scanner, is_over_when_a_library_of_any_name_has_what_is_needed) {
  EXPECT_EQ(state_after(run_condition::always, {&everything}), std::nullopt);
  EXPECT_EQ(state_after(run_condition::always, {&elsewhere}), std::nullopt);
  EXPECT_EQ(state_after(run_condition::functions_exist, {&nothing, &everything}), std::nullopt);
}

TEST_F(function_wait_of_a_scanner, does_not_begin_while_nobody_has_looked) {
  EXPECT_EQ(state_after(run_condition::always, {nullptr}), std::nullopt);
  EXPECT_EQ(state_after(run_condition::functions_exist, {nullptr}), std::nullopt);
}

TEST_F(function_wait_of_a_scanner, names_what_is_missing_and_its_library) {
  EXPECT_EQ(state_after(run_condition::always, {&half}), scanner_state::functions_missing);
  EXPECT_EQ(text_, "the function g of the library 'lib'");
  state_after(run_condition::always, {&nothing});
  EXPECT_EQ(text_, "the functions f, g of the library 'lib'");
}

TEST_F(function_wait_of_a_scanner, is_a_rest_with_auto_until_the_functions_appear) {
  EXPECT_EQ(state_after(run_condition::functions_exist, {&nothing}), scanner_state::resting);
  EXPECT_EQ(state_after(run_condition::functions_exist, {&half, &nothing}), scanner_state::resting);
}

TEST_F(function_wait_of_a_scanner, is_a_fault_with_auto_when_the_library_goes_after_it_swept) {
  EXPECT_EQ(state_after(run_condition::functions_exist, {&everything, &nothing}),
            scanner_state::functions_missing);
  EXPECT_EQ(state_after(run_condition::functions_exist, {&nothing}, true), scanner_state::functions_missing);
}

TEST_F(function_wait_of_a_scanner, is_a_rest_with_auto_when_another_library_of_that_name_comes_without_them) {
  EXPECT_EQ(state_after(run_condition::functions_exist, {&everything, &half}), scanner_state::resting);
  EXPECT_EQ(state_after(run_condition::functions_exist, {&everything, &nothing, &half, &nothing}),
            scanner_state::resting);
}

}  // namespace
}  // namespace scanhost::runner
