// SPDX-License-Identifier: Apache-2.0
//
// The reference is made from the shipped file, and has the keys that the host reads: no more and no less.
#include "config/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "config/scanner_keys.hpp"
#include "unit/config/loading.hpp"

namespace scanhost::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

reference shipped() {
  for (const auto& file : shipped_files())
    if (file.path == "scanhost.yaml") return read_reference(file.text);
  return {};
}

// The keys of the reference directly below `map` ("store.", "scanners.NAME.budget.").
std::set<std::string> keys_below(const reference& reference, const std::string& map) {
  std::set<std::string> keys;
  for (const auto& key : reference.keys)
    if (key.path.starts_with(map) && key.path.find('.', map.size()) == std::string::npos)
      keys.insert(key.path.substr(map.size()));
  return keys;
}

// The keys of a map, as the message about an unknown key in it lists them. `text`: has that key.
std::set<std::string> keys_listed_for(const std::string& text) {
  const auto problems = problems_of(text);
  const auto list = problems.at(0).substr(problems.at(0).rfind("are ") + 4);
  std::set<std::string> keys;
  std::string word;
  for (const char c : list + ",") {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')
      word += c;
    else if (!word.empty())
      keys.insert(std::exchange(word, {}));
  }
  keys.erase("and");
  return keys;
}

TEST(reference, has_the_keys_of_each_section_that_the_host_reads) {
  for (const std::string section : {"store", "plugins", "run", "admin"}) {
    auto keys = keys_listed_for(section + ": {zzzzzzzzzzzz: 1}\n");
    for (const char* map : {"tls", "sentinel", "audit", "rate"})
      keys.erase(map);  // they have keys of their own
    EXPECT_EQ(keys_below(shipped(), section + "."), keys) << section;
  }
  EXPECT_EQ(keys_below(shipped(), "store.tls."),
            keys_listed_for("store: {url: 'rediss://db', tls: {zzzzzzzzzzzz: 1}}\n"));
  EXPECT_EQ(keys_below(shipped(), "store.sentinel."),
            keys_listed_for("store: {mode: sentinel, sentinel: {primary: m, zzzzzzzzzzzz: 1}}\n"));
  EXPECT_EQ(keys_below(shipped(), "run.audit."), keys_listed_for("run: {audit: {zzzzzzzzzzzz: 1}}\n"));
  EXPECT_EQ(keys_below(shipped(), "run.rate."), keys_listed_for("run: {rate: {zzzzzzzzzzzz: 1}}\n"));
}

TEST(reference, has_the_keys_of_a_scanner_that_the_host_reads) {
  const auto names = [](const char* map) {
    const auto list = scanner_key_names(map);
    return std::set<std::string>(list.begin(), list.end());
  };
  auto direct = names("");
  for (const char* map : {"budget", "permissions", "rate"}) direct.erase(map);
  EXPECT_EQ(keys_below(shipped(), "scanners.NAME."), direct);
  EXPECT_EQ(keys_below(shipped(), "scanners.NAME.budget."), names("budget"));
  EXPECT_EQ(keys_below(shipped(), "scanners.NAME.permissions."), names("permissions"));
  EXPECT_EQ(keys_below(shipped(), "scanners.NAME.rate."), names("rate"));
}

TEST(reference, explains_every_key) {
  for (const auto& key : shipped().keys) EXPECT_THAT(key.text, Not(IsEmpty())) << key.path;
}

TEST(reference, says_what_durations_and_sizes_look_like) {
  EXPECT_THAT(shipped().introduction, HasSubstr("Durations need a unit"));
}

TEST(reference, takes_values_and_the_comments_above_them) {
  const auto read = read_reference(
      "# About the file.\n\nstore:\n  # Where it is,\n  # in one word.\n  url: here\n\n  # Two of a kind.\n  # first: 1\n  # second: 2\n");
  EXPECT_EQ(read.introduction, "About the file.\n\n");
  ASSERT_EQ(read.keys.size(), 3U);
  EXPECT_EQ(read.keys[0].path + "=" + read.keys[0].value, "store.url=here");
  EXPECT_EQ(read.keys[0].text, "Where it is, in one word.");
  EXPECT_EQ(read.keys[2].path + "=" + read.keys[2].value, "store.second=2");
  EXPECT_EQ(read.keys[2].text, "Two of a kind.");
}

TEST(reference, does_not_take_a_word_with_a_colon_in_a_sentence_for_a_key) {
  const auto read = read_reference(
      "store:\n  # A host, or a Unix\n  # socket: with a path.\n  # true: it is on.\n  url: here\n");
  ASSERT_EQ(read.keys.size(), 1U);
  EXPECT_EQ(read.keys[0].text, "A host, or a Unix socket: with a path. true: it is on.");
}

TEST(reference, leaves_out_names_that_the_operator_chooses_and_every_scanner_but_the_first) {
  const auto read = read_reference(
      "# Counts.\npartitions: {}\n#   flow: 256\n\nscanners:\n  # A name.\n  one:\n    # How.\n    options:\n      # Mine.\n      lanes: [a]\n\n  two:\n    # Another.\n    interval: 1s\n");
  std::vector<std::string> paths;
  for (const auto& key : read.keys) paths.push_back(key.path);
  EXPECT_THAT(paths, ElementsAre("partitions", "scanners.NAME", "scanners.NAME.options"));
}

TEST(reference, is_escaped_for_troff) {
  reference odd;
  odd.keys = {{"a.b", "'x'", ".begins with a dot, and has a \\ and a-dash"}};
  const auto page = to_manual_page(odd, "1.0");
  EXPECT_THAT(page, HasSubstr("\\fBa.b\\fR: \\&\\(aqx\\(aq\n"));
  EXPECT_THAT(page, HasSubstr("\n\\&.begins with a dot, and has a \\e and a\\-dash\n"));
}

TEST(reference, is_wrapped_for_a_terminal) {
  reference one_key;
  one_key.keys = {{"a.b", "1", "word"}};
  for (int i = 0; i < 60; ++i) one_key.keys[0].text += " word";
  const auto text = to_text(one_key);
  EXPECT_THAT(text, testing::StartsWith("a.b: 1\n    word word"));
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = text.find('\n', at);
    EXPECT_LE(end - at, 100U);
  }
}

}  // namespace
}  // namespace scanhost::config
