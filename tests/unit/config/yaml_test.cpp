// SPDX-License-Identifier: Apache-2.0
//
// YAML that people write, and YAML that must be refused.
#include <gmock/gmock.h>

#include "unit/config/loading.hpp"

namespace scanhost::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(yaml, refuses_an_empty_file) {
  for (const char* text : {"", "\n\n", "# nothing\n", "---\n", "~\n"})
    EXPECT_THAT(problems_of(text), ElementsAre(HasSubstr("the file is empty"))) << text;
}

TEST(yaml, refuses_a_file_that_is_not_a_map) {
  EXPECT_THAT(problems_of("\n- a\n"), ElementsAre(StartsWith("2: expected a map of keys and values")));
  EXPECT_THAT(problems_of("text"), ElementsAre(StartsWith("1: expected a map of keys and values")));
}

TEST(yaml, names_the_line_of_what_is_no_yaml) {
  EXPECT_THAT(problems_of("store:\n  url: [1, 2\nadmin: x\n"), ElementsAre(HasSubstr("this is not YAML")));
  EXPECT_THAT(problems_of("scanners:\n  a: {interval: 1s}\n b: {}\n"),
              ElementsAre(StartsWith("3: this is not YAML")));
  EXPECT_THAT(problems_of("scanners:\n\ta: {}\n"), ElementsAre(StartsWith("2: this is not YAML")));
  EXPECT_THAT(problems_of("a: *nowhere\n"), ElementsAre(StartsWith("1: this is not YAML")));
}

TEST(yaml, refuses_a_duplicate_key_and_names_both_lines) {
  EXPECT_THAT(problems_of("scanners:\n  sweeper: {}\n  other: {}\n  sweeper: {}\n"),
              ElementsAre("4: duplicate key 'sweeper', already on line 2; remove one of them"));
  EXPECT_THAT(problems_of("admin: {}\nscanners: {a: {drain: true,\n  drain: false}}\nadmin: {}\n"),
              ElementsAre(StartsWith("3: duplicate key 'drain', already on line 2"),
                          StartsWith("4: duplicate key 'admin', already on line 1")));
}

TEST(yaml, refuses_a_second_document) {
  EXPECT_THAT(problems_of("scanners: {a: {}}\n---\nscanners: {}\n"),
              ElementsAre(HasSubstr("a second YAML document")));
}

TEST(yaml, takes_one_document_with_its_marks) {
  EXPECT_THAT(problems_of("%YAML 1.2\n---\nscanners: {a: {}}\n...\n"), IsEmpty());
}

TEST(yaml, refuses_text_that_is_not_utf8) {
  EXPECT_THAT(problems_of("scanners:\n  # caf\xe9\n  a: {}\n"),
              ElementsAre(StartsWith("2: the text is not UTF-8")));
}

TEST(yaml, refuses_nul_bytes) {
  EXPECT_THAT(problems_of(std::string("scanners:\n  a: {}\n\0", 20)),
              ElementsAre(StartsWith("3: the text contains a NUL byte")));
}

TEST(yaml, refuses_tags_and_keys_that_are_not_texts) {
  EXPECT_THAT(problems_of("scanners: {a: {}}\n[1, 2]: 3\n"),
              testing::Contains(HasSubstr("expected a text as the key")));
  EXPECT_THAT(problems_of("scanners: {a: {enabled: !x true}}\n"),
              testing::Contains(StartsWith("1: tags have no meaning here; remove '!x'")));
}

TEST(yaml, knows_aliases_and_merge_keys) {
  const auto settings = settings_of(
      "scanners:\n  sweeper: &usual\n    interval: 5s\n    budget: {calls: 7}\n"
      "  sweeper@b:\n    <<: *usual\n    interval: 9s\n  sweeper@c: *usual\n");
  ASSERT_EQ(settings.scanners.size(), 3u);
  EXPECT_EQ(settings.scanners[1].interval, base::milliseconds(9000));
  EXPECT_EQ(settings.scanners[1].budget.calls, 7u);
  EXPECT_EQ(settings.scanners[2].interval, base::milliseconds(5000));
}

TEST(yaml, refuses_an_alias_inside_its_own_value) {
  EXPECT_THAT(problems_of("scanners:\n  a: &a\n    options: {x: *a}\n"),
              ElementsAre(StartsWith("3: this alias is inside the value")));
  EXPECT_THAT(problems_of("scanners: {a: {<<: [1]}}\n"), ElementsAre(StartsWith("1: '<<': expected a map")));
}

TEST(yaml, is_not_blown_up_by_aliases_of_aliases) {
  std::string text = "scanners:\n  a:\n    options:\n      l0: &l0 [x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 40; ++level) {
    const auto last = "*l" + std::to_string(level - 1);
    text += "      l" + std::to_string(level) + ": &l" + std::to_string(level) + " [" + last + ", " + last +
            ", " + last + ", " + last + "]\n";
  }
  EXPECT_THAT(problems_of(text), IsEmpty());
}

TEST(yaml, refuses_nesting_beyond_reason) {
  EXPECT_THAT(problems_of("scanners: " + std::string(20'000, '[')),
              ElementsAre(HasSubstr("this is not YAML")));
  EXPECT_THAT(problems_of("scanners: " + std::string(20'000, '{')),
              ElementsAre(HasSubstr("this is not YAML")));
}

TEST(yaml, reads_json_texts_as_they_are) {
  const auto settings = settings_of(
      "store: {url: \"unix:///run/a b.sock\"}\noptions: {queues: [\"a\\\"b\", \"x: {y}\\n\\u0001\", \"\\u00e9\\t\\\\/\"]}\n"
      "scanners:\n  sweeper: {enabled: true, drain: false}\n");
  EXPECT_EQ(settings.store.socket_path, "/run/a b.sock");
  EXPECT_THAT(std::get<std::vector<std::string>>(settings.scanners[0].options.at("queues")),
              ElementsAre("a\"b", "x: {y}\n\x01", "\xc3\xa9\t\\/"));
}

}  // namespace
}  // namespace scanhost::config
