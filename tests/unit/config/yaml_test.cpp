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

TEST(yaml, refuses_standard_tags_that_mean_nothing_here_with_their_line) {
  for (const std::string tag :
       {"!!python/object:os.system", "!!binary", "!!set", "!!omap", "!!timestamp", "!custom", "!<x>"})
    EXPECT_THAT(problems_of("scanners:\n  sweeper:\n    plugin: " + tag + " sweeper\n"),
                testing::Contains(StartsWith("3: tags have no meaning here; remove '")))
        << tag;
  EXPECT_THAT(problems_of("scanners: {sweeper: {}}\nadmin: !!set {}\n"),
              testing::Contains("2: tags have no meaning here; remove '!!set'"));
  EXPECT_THAT(problems_of("scanners: {sweeper: {}}\nplugins: {path: !!set [a]}\n"),
              testing::Contains("2: tags have no meaning here; remove '!!set'"));
  EXPECT_THAT(problems_of("scanners: {sweeper: {}}\n!!binary admin: {}\n"),
              testing::Contains("2: tags have no meaning here; remove '!!binary'"));
  EXPECT_THAT(problems_of("scanners: {sweeper: {}}\nadmin: !!set\n"),
              testing::Contains("2: tags have no meaning here; remove '!!set'"));
}

TEST(yaml, takes_standard_tags_that_say_what_a_value_is_anyway) {
  const auto settings = settings_of(
      "store: !!map {url: !!str 'redis://db', max_in_flight: !!int 7}\nadmin: !!null\nplugins: {path: !!seq [a]}\n"
      "scanners: {sweeper: {drain: !!bool false}}\n");
  EXPECT_EQ(settings.store.max_in_flight, 7u);
  EXPECT_FALSE(settings.scanners[0].drain);
}

TEST(yaml, refuses_standard_tags_that_contradict_their_value) {
  EXPECT_THAT(problems_of("scanners: {sweeper: {drain: !!int yes}}\n"),
              testing::Contains("1: the tag '!!int' does not fit the value 'yes'; remove it"));
  EXPECT_THAT(problems_of("scanners: {sweeper: !!seq {}}\n"),
              testing::Contains("1: tags have no meaning here; remove '!!seq'"));
}

TEST(yaml, refuses_a_second_merge_in_one_map) {
  EXPECT_THAT(problems_of("scanners:\n  sweeper: &a {}\n  sweeper@b:\n    <<: *a\n    <<: *a\n"),
              ElementsAre(StartsWith("5: duplicate key '<<', already on line 4")));
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

TEST(yaml, refuses_aliases_of_aliases_that_stand_for_too_many_values) {
  std::string text = "scanners:\n  a:\n    options:\n      l0: &l0 [x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 40; ++level) {
    const auto last = "*l" + std::to_string(level - 1);
    text += "      l" + std::to_string(level) + ": &l" + std::to_string(level) + " [" + last + ", " + last +
            ", " + last + ", " + last + "]\n";
  }
  EXPECT_THAT(problems_of(text), ElementsAre(HasSubstr("the file has more than 100000 values")));
}

TEST(yaml, takes_aliases_of_aliases_that_stand_for_few_values) {
  EXPECT_THAT(
      problems_of(
          "scanners:\n  sweeper:\n    interval: &a 1s\n    page_size: &b 5\n  sweeper@b: {interval: *a, "
          "page_size: *b}\n"),
      IsEmpty());
}

TEST(yaml, refuses_merges_that_stand_for_too_many_values) {
  std::string text = "options: &all {";
  for (int key = 0; key < 500; ++key) text += "k" + std::to_string(key) + ": 1, ";
  text += "}\nscanners:\n  sweeper:\n    <<: [";
  for (int turn = 0; turn < 300; ++turn) text += "*all, ";
  EXPECT_THAT(problems_of(text + "]\n"), ElementsAre(StartsWith("4: the file has more than 100000 values")));
}

TEST(yaml, refuses_more_keys_in_a_map_than_any_configuration_has) {
  std::string text = "scanners:\n";
  for (std::size_t key = 0; key <= max_yaml_keys; ++key)
    text += "  sweeper@" + std::to_string(key) + ": {}\n";
  EXPECT_THAT(problems_of(text),
              ElementsAre("1002: a map has more than 1000 keys; is it a configuration file?"));
}

TEST(yaml, refuses_nesting_beyond_reason) {
  for (const char bracket : {'[', '{'})
    EXPECT_THAT(problems_of("a: 1\nscanners: " + std::string(20'000, bracket)),
                ElementsAre(StartsWith("2: lists and maps are nested deeper than 32 levels")));
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
