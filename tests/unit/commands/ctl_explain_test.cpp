// SPDX-License-Identifier: Apache-2.0
//
// What `scanhost ctl explain` prints, from the JSON that a host gives.
#include "commands/ctl_explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/explain_json.hpp"

namespace scanhost::commands {
namespace {

using namespace std::chrono_literals;

constexpr base::timestamp now{1'000s};

admin::scanner_explanation of(const std::string& name, standing where) {
  admin::scanner_explanation explained;
  explained.status.name = name;
  explained.status.state = runner::scanner_state::waiting;
  explained.status.next_cycle = now + 2s;
  explained.answer.findings = {{"{s:1}", where, "due:{s:1}", 1500.0, base::timestamp(1500ms), "it is there"}};
  return explained;
}

TEST(ctl_explain, begins_with_who_acts_and_ends_with_who_has_nothing_to_do_with_it) {
  auto paused = of("paused", standing::due);
  paused.status.paused = true;
  paused.status.pause.by = "root";
  auto failing = of("failing", standing::held);
  failing.failures.items.emplace_back();
  failing.failures.items[0].times = 2;
  failing.failures.items[0].message = "WRONGTYPE";
  admin::scanner_explanation silent;
  silent.status.name = "silent";
  silent.answer.problem = "it hangs";
  EXPECT_EQ(
      explain_text(admin::explain_json("a", now,
                                       {of("other", standing::not_here), silent, failing, paused,
                                        of("sweeper", standing::due), of("another", standing::not_here)}))
          .value(),
      "a at 1970-01-01T00:16:40Z\n\n"
      "sweeper acts on it at 1970-01-01T00:16:42Z\n"
      "  due       it is there (due:{s:1}, score 1500, due 1970-01-01T00:00:01Z)\n\n"
      "failing does not act on it at present\n"
      "  held      it is there (due:{s:1}, score 1500, due 1970-01-01T00:00:01Z)\n"
      "  failed    2 times, the last with: WRONGTYPE\n\n"
      "paused does not act on it at present\n"
      "  kept back the scanner is paused by root\n"
      "  due       it is there (due:{s:1}, score 1500, due 1970-01-01T00:00:01Z)\n\n"
      "silent does not act on it at present\n"
      "  problem   it hangs\n\n"
      "nothing to do with it: other, another\n");
}

TEST(ctl_explain, tells_all_of_a_single_scanner) {
  EXPECT_THAT(explain_text(admin::explain_json("a", now, {of("other", standing::not_here)})).value(),
              ::testing::HasSubstr("other does not act on it at present\n  not_here  it is there"));
}

TEST(ctl_explain, says_so_when_the_json_is_of_another_version) {
  for (const char* text : {"", "{}", "[]", R"({"item":"a","at_ms":1,"scanners":[{}]})"}) {
    const auto result = explain_text(text);
    ASSERT_FALSE(result) << text;
    EXPECT_THAT(result.error().message, ::testing::HasSubstr("of the same version"));
  }
}

}  // namespace
}  // namespace scanhost::commands
